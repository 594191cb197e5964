"""Signs documents and checks signatures: XML-DSig over the whole document (CPIX 2.3, section 6.4)."""

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509 import Certificate
from lxml.etree import LxmlError, XMLParser, _Element, fromstring, tostring
from signxml.algorithms import CanonicalizationMethod, DigestAlgorithm, SignatureConstructionMethod, SignatureMethod
from signxml.exceptions import SignXMLException
from signxml.signer import XMLSigner
from signxml.verifier import SignatureConfiguration, XMLVerifier

from marquee.content.drm.cpix.identity import Identity
from marquee.contracts.errors import GateFailed

STRONG = SignatureConfiguration(
    require_x509=True,
    location=".//",
    expect_references=1,
    signature_methods=frozenset({SignatureMethod.RSA_SHA256, SignatureMethod.RSA_SHA384, SignatureMethod.RSA_SHA512}),
    digest_algorithms=frozenset({DigestAlgorithm.SHA256, DigestAlgorithm.SHA384, DigestAlgorithm.SHA512}),
)


def signed(root: _Element, identity: Identity) -> bytes:
    """The document with its signature (RSA with SHA-512)."""
    signer = XMLSigner(
        method=SignatureConstructionMethod.enveloped,
        signature_algorithm=SignatureMethod.RSA_SHA512,
        digest_algorithm=DigestAlgorithm.SHA512,
        c14n_algorithm=CanonicalizationMethod.CANONICAL_XML_1_0,
    )
    key = identity.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    certificate = identity.certificate.public_bytes(Encoding.PEM).decode()
    return bytes(tostring(signer.sign(root, key=key, cert=certificate)))


def parse(body: bytes, where: str) -> _Element:
    """A document; entities and document types are refused. Raises GateFailed."""
    parser = XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = fromstring(body, parser)
    except (LxmlError, ValueError) as error:
        raise GateFailed("not XML", where=where, expected="a CPIX document", got=str(error)[:100]) from None
    if root.getroottree().docinfo.doctype:
        raise GateFailed("a document type", where=where, expected="a CPIX document without one")
    return root


def signed_part(root: _Element, certificate: Certificate, where: str) -> _Element:
    """What this certificate's key has signed of a document: nothing else of it is to be believed. Raises GateFailed."""
    pem = certificate.public_bytes(Encoding.PEM).decode()
    try:
        found = XMLVerifier().verify(root, x509_cert=pem, expect_config=STRONG)
    except (SignXMLException, ValueError) as error:
        expected = "the signature of the certificate in MARQUEE_KEY_SERVER_CERTIFICATE"
        raise GateFailed("not signed by the key server", where=where, expected=expected, got=str(error)[:200]) from None
    part = (found[0] if isinstance(found, list) else found).signed_xml
    if part is None:
        raise GateFailed("the signature covers no XML", where=where)
    return part
