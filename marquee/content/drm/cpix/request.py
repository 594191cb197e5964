"""Builds the document that asks a key server for content keys."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import Certificate
from lxml.etree import Element, SubElement, _Element

from marquee.content.drm.cpix.names import CPIX, DS, ENC, FAIRPLAY, INTENDED, PSKC, SYSTEMS, q
from marquee.contracts.keys import TrackType
from marquee.contracts.plan import DrmScheme

VERSION = "2.3"


@dataclass(frozen=True)
class Wanted:
    """A key that is asked for: its id in hex, its kind of track, and the pixels of a picture that it is for.

    `period` is the crypto period that it is for, counted from 0; None where a track has one key.
    """

    track: TrackType
    kid: str
    pixels: tuple[int, int] | None = None  # fewest and most; None for sound
    period: int | None = None

    @property
    def uuid(self) -> str:
        """The id as CPIX writes it."""
        return "-".join(self.kid[a:b] for a, b in ((0, 8), (8, 12), (12, 16), (16, 20), (20, 32)))


def request(content_id: str, wanted: Sequence[Wanted], scheme: DrmScheme, recipient: Certificate) -> _Element:
    """The document, in the order that the schema of CPIX wants. Keys of the answer are to be sealed for `recipient`."""
    names = {"cpix": CPIX, "pskc": PSKC, "enc": ENC, "ds": DS}
    root = Element(q("cpix:CPIX"), {"contentId": content_id, "version": VERSION}, nsmap=names)
    _delivery(SubElement(root, q("cpix:DeliveryDataList")), recipient)
    keys, systems = (SubElement(root, q(f"cpix:{name}")) for name in ("ContentKeyList", "DRMSystemList"))
    if periods := sorted({each.period for each in wanted if each.period is not None}):
        _periods(SubElement(root, q("cpix:ContentKeyPeriodList")), periods)
    rules = SubElement(root, q("cpix:ContentKeyUsageRuleList"))
    for each in wanted:
        SubElement(keys, q("cpix:ContentKey"), {"kid": each.uuid, "commonEncryptionScheme": scheme.value})
        for system in (*SYSTEMS, FAIRPLAY) if scheme is DrmScheme.CBCS else SYSTEMS:
            SubElement(systems, q("cpix:DRMSystem"), {"kid": each.uuid, "systemId": system})
        _rule(rules, each)
    return root


def _delivery(parent: _Element, recipient: Certificate) -> None:
    data = SubElement(SubElement(parent, q("cpix:DeliveryData")), q("cpix:DeliveryKey"))
    certificate = SubElement(SubElement(data, q("ds:X509Data")), q("ds:X509Certificate"))
    certificate.text = base64.b64encode(recipient.public_bytes(Encoding.DER)).decode()


def _periods(parent: _Element, periods: Sequence[int]) -> None:
    for period in periods:
        SubElement(parent, q("cpix:ContentKeyPeriod"), {"id": _period_id(period), "index": str(period)})


def _period_id(period: int) -> str:
    return f"period-{period}"


def _rule(parent: _Element, each: Wanted) -> None:
    said = {"kid": each.uuid, "intendedTrackType": INTENDED[each.track]}
    rule = SubElement(parent, q("cpix:ContentKeyUsageRule"), said)
    if each.period is not None:
        SubElement(rule, q("cpix:KeyPeriodFilter"), {"periodId": _period_id(each.period)})
    if each.pixels is None:
        SubElement(rule, q("cpix:AudioFilter"))
        return
    fewest, most = each.pixels
    SubElement(rule, q("cpix:VideoFilter"), {"minPixels": str(fewest), "maxPixels": str(most)})
