"""Asks a key server for content keys, by SPEKE 2.0: one POST of a CPIX document, answered by another."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography.x509 import Certificate

from marquee.content.drm import upstream
from marquee.content.drm.cpix.answer import read
from marquee.content.drm.cpix.identity import Identity
from marquee.content.drm.cpix.request import Wanted, request
from marquee.content.drm.cpix.signature import parse, signed, signed_part
from marquee.contracts.keys import ContentKey, TrackType
from marquee.contracts.plan import DrmScheme

HEADERS = {"Content-Type": "application/xml", "X-Speke-Version": "2.0", "X-Speke-User-Agent": "Marquee"}


@dataclass(frozen=True)
class KeyServer:
    """A key server. `certificate` is that whose signature its answers must have; None where it signs none.

    `inside` lets its name lead to private addresses; `authority` has signed its TLS certificate, None for those that
    the system trusts.
    """

    url: str
    identity: Identity
    certificate: Certificate | None = None
    authorization: str = ""
    inside: bool = False
    authority: Path | None = None

    def keys(self, content_id: str, wanted: Sequence[Wanted], scheme: DrmScheme) -> dict[TrackType, ContentKey]:
        """Keys for one piece of content, by kind of track.

        Raises Unavailable when the server does not answer, Forbidden when it refuses, GateFailed when its answer is
        not what was asked for: another content, a key missing or of the wrong size, in the clear, badly signed.
        """
        body = signed(request(content_id, wanted, scheme, self.identity.certificate), self.identity)
        headers = HEADERS | ({"Authorization": self.authorization} if self.authorization else {})
        answer = upstream.ask(
            self.url, body, headers, inside=self.inside, authority=self.authority, server="key server"
        )
        where = upstream.name(self.url)
        root = parse(answer, where)
        believed = signed_part(root, self.certificate, where) if self.certificate else root
        return read(believed, content_id, wanted, scheme, self.identity, where)
