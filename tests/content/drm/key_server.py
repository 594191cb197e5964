"""A key server of the field's shape: SPEKE 2.0 over HTTP, CPIX 2.3 documents encrypted and signed.

It reads what it is asked with the cryptography package and XPath alone, so it shares no code with the client. `fault`
names what it does wrong, one of FAULTS.
"""

import base64
import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, hmac, padding
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from lxml import etree
from signxml import XMLSigner, XMLVerifier, methods

from tests.http_servers import HttpServer

NS = {
    "cpix": "urn:dashif:org:cpix",
    "pskc": "urn:ietf:params:xml:ns:keyprov:pskc",
    "enc": "http://www.w3.org/2001/04/xmlenc#",
    "ds": "http://www.w3.org/2000/09/xmldsig#",
}
SHA512 = "http://www.w3.org/2001/04/xmldsig-more#hmac-sha512"
FAULTS = (
    "another content",
    "a key missing",
    "another key id",
    "a short key",
    "one key for all",
    "in the clear",
    "a wrong MAC",
    "for somebody else",
    "another scheme",
    "not signed",
    "signed by another",
    "changed after signing",
    "a document type",
    "not XML",
)


@dataclass(frozen=True)
class Party:
    """A key with its certificate."""

    key: rsa.RSAPrivateKey
    certificate: x509.Certificate

    @property
    def certificate_pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)

    @property
    def key_pem(self) -> bytes:
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    def write(self, path: Path) -> Path:
        """Key and certificate in one PEM file."""
        path.write_bytes(self.key_pem + self.certificate_pem)
        return path


def party(name: str, bits: int = 3072) -> Party:
    key = rsa.generate_private_key(65537, bits)
    who = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    since = datetime.now(UTC) - timedelta(days=1)
    builder = x509.CertificateBuilder(who, who, key.public_key(), 1, since, since + timedelta(days=30))
    usage = x509.KeyUsage(True, False, True, False, False, False, False, False, False)
    return Party(key, builder.add_extension(usage, critical=True).sign(key, hashes.SHA256()))


@dataclass
class TestKeyServer:
    """Runs until it is stopped. `asked` are the content ids and key ids of each request."""

    __test__ = False
    own: Party
    client: Party
    other: Party
    fault: str = ""
    status: int = 200
    asked: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    rules: dict[str, str] = field(default_factory=dict)  # intended track types by key id
    periods: dict[str, str] = field(default_factory=dict)  # indices of crypto periods by key id
    secret: bytes = field(default_factory=lambda: secrets.token_bytes(32))

    def start(self) -> "TestKeyServer":
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                status, body = server.answer(self)
                self.send_response(status)
                self.send_header("Content-Type", "application/xml")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None: ...

        self._http = HttpServer(Handler).start()
        self.url = f"http://127.0.0.1:{self._http.server_port}/speke?tenant=secret"
        return self

    def stop(self) -> None:
        self._http.stop()

    def answer(self, request: BaseHTTPRequestHandler) -> tuple[int, bytes]:
        """What is sent back to a request: 401, 400, or a document."""
        body = request.rfile.read(int(request.headers["Content-Length"]))
        if request.headers["Authorization"] != "Basic b3BlcmF0b3I=":
            return 401, b"who are you?"
        if request.headers["X-Speke-Version"] != "2.0" or request.headers["Content-Type"] != "application/xml":
            return 400, b"not SPEKE 2.0"
        asked = XMLVerifier().verify(body, x509_cert=self.client.certificate_pem.decode()).signed_xml
        kids = tuple(asked.xpath("cpix:ContentKeyList/cpix:ContentKey/@kid", namespaces=NS))
        self.asked.append((asked.get("contentId"), kids))
        self.rules = {
            rule.get("kid"): rule.get("intendedTrackType")
            for rule in asked.xpath("//cpix:ContentKeyUsageRule", namespaces=NS)
        }
        indices = {each.get("id"): each.get("index") for each in asked.xpath("//cpix:ContentKeyPeriod", namespaces=NS)}
        self.periods = {
            each.getparent().get("kid"): indices[each.get("periodId")]
            for each in asked.xpath("//cpix:ContentKeyUsageRule/cpix:KeyPeriodFilter", namespaces=NS)
        }
        return (self.status, self._document(asked, kids)) if self.status == 200 else (self.status, b"")

    def key(self, kid: str) -> bytes:
        """The same key for the same id, always."""
        return hashlib.sha256(self.secret + kid.encode()).digest()[:16]

    def _document(self, asked: etree._Element, kids: tuple[str, ...]) -> bytes:
        if self.fault == "not XML":
            return b"<html>welcome to the key server"
        scheme = asked.xpath("string(//@commonEncryptionScheme)")
        root = self._root("other" if self.fault == "another content" else asked.get("contentId"))
        recipient = x509.load_der_x509_certificate(base64.b64decode(asked.findtext(".//ds:X509Certificate", "", NS)))
        to = self.other.certificate if self.fault == "for somebody else" else recipient
        document_key, mac_key = secrets.token_bytes(32), secrets.token_bytes(64)
        self._delivery(root, recipient, to, document_key, mac_key)
        listed = etree.SubElement(root, f"{{{NS['cpix']}}}ContentKeyList")
        for kid in kids[1:] if self.fault == "a key missing" else kids:
            self._content_key(listed, kid, scheme, document_key, mac_key)
        if self.fault == "not signed":
            return etree.tostring(root)
        signer = self.other if self.fault == "signed by another" else self.own
        made = XMLSigner(method=methods.enveloped).sign(root, key=signer.key_pem, cert=signer.certificate_pem.decode())
        signed = etree.tostring(made)
        if self.fault == "changed after signing":
            signed = signed.replace(kids[0].encode(), kids[-1].encode(), 1)
        doctype = b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/hostname">]>'
        return doctype + signed if self.fault == "a document type" else signed

    def _root(self, content_id: str) -> etree._Element:
        return etree.Element(f"{{{NS['cpix']}}}CPIX", {"contentId": content_id, "version": "2.3"}, nsmap=NS)

    def _delivery(
        self, root: etree._Element, recipient: x509.Certificate, to: x509.Certificate, document: bytes, mac: bytes
    ) -> None:
        def wrapped(key: bytes) -> str:
            oaep = OAEP(MGF1(hashes.SHA1()), hashes.SHA1(), label=None)  # noqa: S303 (rsa-oaep-mgf1p)
            return self._encrypted("rsa-oaep-mgf1p", to.public_key().encrypt(key, oaep))

        certificate = base64.b64encode(recipient.public_bytes(Encoding.DER)).decode()
        root.append(
            etree.fromstring(f"""<cpix:DeliveryDataList {self._names()}><cpix:DeliveryData>
            <cpix:DeliveryKey><ds:X509Data><ds:X509Certificate>{certificate}</ds:X509Certificate></ds:X509Data>
            </cpix:DeliveryKey><cpix:DocumentKey Algorithm="{NS["enc"]}aes256-cbc"><cpix:Data><pskc:Secret>
            {wrapped(document)}</pskc:Secret></cpix:Data></cpix:DocumentKey>
            <cpix:MACMethod Algorithm="{SHA512}"><cpix:Key>{wrapped(mac)}</cpix:Key></cpix:MACMethod>
            </cpix:DeliveryData></cpix:DeliveryDataList>""")
        )

    def _content_key(self, listed: etree._Element, kid: str, scheme: str, document_key: bytes, mac_key: bytes) -> None:
        key = self.key("one" if self.fault == "one key for all" else kid)[: 8 if self.fault == "a short key" else 16]
        named = {"kid": kid, "commonEncryptionScheme": "cens" if self.fault == "another scheme" else scheme}
        if self.fault == "another key id" and len(listed) == 0:
            named["kid"] = "00000000-0000-0000-0000-000000000000"
        vector, padder = secrets.token_bytes(16), padding.PKCS7(128).padder()
        encryptor = Cipher(algorithms.AES256(document_key), modes.CBC(vector)).encryptor()
        sealed = vector + encryptor.update(padder.update(key) + padder.finalize()) + encryptor.finalize()
        mac = hmac.HMAC(mac_key, hashes.SHA512())
        mac.update(b"x" if self.fault == "a wrong MAC" else sealed)
        value = f"<pskc:ValueMAC>{base64.b64encode(mac.finalize()).decode()}</pskc:ValueMAC>"
        inside = self._encrypted("aes256-cbc", sealed) + value
        if self.fault == "in the clear":
            inside = f"<pskc:PlainValue>{base64.b64encode(key).decode()}</pskc:PlainValue>"
        element = etree.SubElement(listed, f"{{{NS['cpix']}}}ContentKey", named)
        element.append(etree.fromstring(f"<cpix:Data {self._names()}><pskc:Secret>{inside}</pskc:Secret></cpix:Data>"))

    def _encrypted(self, algorithm: str, value: bytes) -> str:
        return (
            f'<pskc:EncryptedValue><enc:EncryptionMethod Algorithm="{NS["enc"]}{algorithm}"/><enc:CipherData>'
            f"<enc:CipherValue>{base64.b64encode(value).decode()}</enc:CipherValue></enc:CipherData>"
            "</pskc:EncryptedValue>"
        )

    def _names(self) -> str:
        return " ".join(f'xmlns:{prefix}="{namespace}"' for prefix, namespace in NS.items())
