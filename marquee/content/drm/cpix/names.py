"""Names of CPIX 2.3 documents: namespaces, algorithms, DRM systems, kinds of tracks."""

from marquee.contracts.keys import TrackType

CPIX = "urn:dashif:org:cpix"
PSKC = "urn:ietf:params:xml:ns:keyprov:pskc"  # RFC 6030
ENC = "http://www.w3.org/2001/04/xmlenc#"
DS = "http://www.w3.org/2000/09/xmldsig#"
NAMESPACES = {"cpix": CPIX, "pskc": PSKC, "enc": ENC, "ds": DS}

AES_256_CBC = f"{ENC}aes256-cbc"
RSA_OAEP = f"{ENC}rsa-oaep-mgf1p"  # with SHA-1 and MGF1, as XML Encryption has it
HMAC_SHA512 = "http://www.w3.org/2001/04/xmldsig-more#hmac-sha512"

SYSTEMS = ("edef8ba9-79d6-4ace-a3c8-27dcd51d21ed", "9a04f079-9840-4286-ab92-e65be0885f95")  # Widevine, PlayReady
FAIRPLAY = "94ce86fb-07ff-4f43-adb8-93d2fa968ca2"  # asked for under cbcs alone
INTENDED = {TrackType.AUDIO: "AUDIO", TrackType.SD: "SD", TrackType.HD: "HD", TrackType.UHD: "UHD1"}  # SPEKE 2.0


def q(name: str) -> str:
    """`cpix:ContentKey` as lxml writes it."""
    prefix, _, local = name.partition(":")
    return f"{{{NAMESPACES[prefix]}}}{local}"
