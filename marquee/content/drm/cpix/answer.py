"""Reads a key server's answer: exactly the keys that were asked for, or none."""

import uuid
from collections.abc import Sequence

from lxml.etree import _Element

from marquee.content.drm.cpix.identity import Identity
from marquee.content.drm.cpix.names import NAMESPACES, q
from marquee.content.drm.cpix.request import Wanted
from marquee.content.drm.cpix.secrets import Opener, opener
from marquee.contracts.errors import GateFailed, InvalidInput
from marquee.contracts.keys import ContentKey, TrackType, chained
from marquee.contracts.plan import DrmScheme


def read(
    root: _Element, content_id: str, wanted: Sequence[Wanted], scheme: DrmScheme, identity: Identity, where: str
) -> dict[TrackType, ContentKey]:
    """The keys by kind of track, those of later crypto periods behind the first.

    Raises GateFailed naming what is not as it was asked for; then none is given.
    """
    if root.tag != q("cpix:CPIX"):
        raise GateFailed("another kind of document", where=where, expected="cpix:CPIX", got=str(root.tag)[:100])
    if (got := root.get("contentId")) != content_id:
        raise GateFailed("an answer about other content", where=where, expected=content_id, got=str(got)[:100])
    elements = _by_kid(root, where)
    if missing := [each.uuid for each in wanted if each.kid not in elements]:
        raise GateFailed(
            "keys are missing", where=where, expected=", ".join(missing), got=", ".join(elements) or "none"
        )
    unlocking = opener(_delivery(root, where), identity, where)
    keys = [_key(elements[each.kid], each, scheme, unlocking) for each in sorted(wanted, key=lambda w: w.period or 0)]
    if len({key.reveal() for key in keys}) < len(keys):
        raise GateFailed("one key under several ids", where=where, expected="a key of its own for each kind of track")
    return chained(keys)


def _by_kid(root: _Element, where: str) -> dict[str, _Element]:
    found: dict[str, _Element] = {}
    for element in root.iterfind("cpix:ContentKeyList/cpix:ContentKey", NAMESPACES):
        kid = _kid(element.get("kid", ""), where)
        if kid in found:
            raise GateFailed("a key id twice", where=where, got=kid)
        found[kid] = element
    return found


def _kid(text: str, where: str) -> str:
    try:
        return uuid.UUID(text).hex
    except ValueError:
        raise GateFailed("not a key id", where=where, expected="a UUID", got=repr(text)[:60]) from None


def _delivery(root: _Element, where: str) -> _Element:
    found = root.findall("cpix:DeliveryDataList/cpix:DeliveryData", NAMESPACES)
    if len(found) != 1:
        raise GateFailed("not sealed for one recipient", where=where, expected="1", got=str(len(found)))
    return found[0]


def _key(element: _Element, wanted: Wanted, scheme: DrmScheme, unlocking: Opener) -> ContentKey:
    where = f"{unlocking.where}: key {wanted.uuid}"
    if (said := element.get("commonEncryptionScheme", scheme.value)) != scheme.value:
        raise GateFailed("a key of another scheme", where=where, expected=scheme.value, got=said[:20])
    secret = element.find("cpix:Data/pskc:Secret", NAMESPACES)
    if secret is None:
        raise GateFailed("the key id without its key", where=where, expected="cpix:Data with a secret")
    try:
        return ContentKey(wanted.kid, wanted.track, unlocking.open(secret, wanted.uuid))
    except InvalidInput as error:
        raise GateFailed(error.what, where=where, expected=error.expected, got=error.got) from None
