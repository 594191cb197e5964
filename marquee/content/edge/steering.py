"""Decides in which order a session should use the edges."""

import hashlib
import math
from collections.abc import Mapping

from marquee.content.edge.health import Condition
from marquee.settings.edges import Edge

TTL_S = 10  # how long a player follows an answer: a probe's two failures and this are how long it stays at a dead edge


def order(
    edges: Mapping[str, Edge], conditions: Mapping[str, Condition], *, country: str, session_id: int
) -> list[str]:
    """All edges, the best for a session first.

    What is up comes before what is down, then what no player complains of, what serves the viewer's country, and what
    has room. Among equals a session keeps its place from one answer to the next, and edges get sessions by their
    weights (weighted rendezvous hashing: the smallest of -ln(u) / weight, u uniform from a hash of session and edge).
    """

    def rank(name: str) -> tuple[bool, bool, int, bool, float]:
        edge, condition = edges[name], conditions.get(name, Condition())
        full = 0 < edge.capacity <= condition.connections
        return (
            not condition.up,
            condition.troubled,
            _distance(edge, country),
            full,
            _draw(name, session_id) / edge.weight,
        )

    return sorted(edges, key=rank)


def _distance(edge: Edge, country: str) -> int:
    """0 for an edge of the viewer's country, 1 for one of the whole world, 2 for one of other countries."""
    if country in edge.countries:
        return 0
    return 2 if edge.countries else 1


def _draw(name: str, session_id: int) -> float:
    digest = hashlib.blake2b(f"{session_id}/{name}".encode(), digest_size=8).digest()
    return -math.log((int.from_bytes(digest) + 1) / 2**64)
