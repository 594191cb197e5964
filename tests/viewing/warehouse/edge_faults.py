"""What goes wrong between edges and beacons, done by hand to a simulated world: each fault to a pair of its own."""

from collections import defaultdict
from typing import Any

Row = dict[str, Any]
Pair = tuple[int, str]  # session and edge
MANY = 40  # segments, so that a tenth is more than what may be on its way


def spoil(world: dict[str, list[Row]]) -> dict[Pair, str]:
    """Spoil some pairs of a world; which, and what the mart is to call it."""
    told = {(row["session_id"], row["edge"]): row for row in world["edge_reports"]}
    by_pair: dict[Pair, list[Row]] = defaultdict(list)
    for row in world["edge_requests"]:
        by_pair[row["session_id"], row["edge"]].append(row)
    edges_of = defaultdict(set)
    for session, edge in by_pair:
        edges_of[session].add(edge)
    alone = [
        pair for pair in sorted(by_pair) if len(edges_of[pair[0]]) == 1 and len(by_pair[pair]) > MANY and pair in told
    ]
    lost, unseen, blamed, hidden, torn, late, gone = alone[:7]
    _beacon_is_lost(world, lost)
    by_pair[unseen].clear()
    _viewer_blames(world, blamed)
    by_pair[hidden][3]["status"] = 503
    del by_pair[torn][5]
    by_pair[late][-1]["at_ms"] += 3_600_000
    by_pair[gone] += [row | {"request_id": f"{row['request_id']}f"} for row in by_pair[gone]]
    world["edge_requests"] = [row for rows in by_pair.values() for row in rows]
    silent = _without_any_beacon(world, by_pair[alone[7]])
    return {
        lost: "lost_beacons", unseen: "missing_edge_log", blamed: "blamed_edge", hidden: "unreported_errors",
        torn: "lost_edge_lines", late: "lost_beacons", gone: "not_received", silent: "missing_beacons",
    }  # fmt: skip


def _beacon_is_lost(world: dict[str, list[Row]], pair: Pair) -> None:
    """One batch of a session's events, from its middle: all copies of it."""
    seqs = sorted({row["seq"] for row in world["events"] if row["session_id"] == pair[0]})
    middle = set(seqs[len(seqs) // 2 : len(seqs) // 2 + 2])
    world["events"] = [row for row in world["events"] if row["session_id"] != pair[0] or row["seq"] not in middle]
    for row in world["playbacks"]:
        if row["session_id"] == pair[0]:
            row |= {"events": row["events"] - len(middle), "missing": len(middle)}


def _viewer_blames(world: dict[str, list[Row]], pair: Pair) -> None:
    """An event of the session becomes an error of the network."""
    seq = sorted({row["seq"] for row in world["events"] if row["session_id"] == pair[0]})[-2]
    for row in world["events"]:
        if row["session_id"] == pair[0] and row["seq"] == seq:
            row |= {
                "name": "error",
                "error_category": "network",
                "error_code": "1002",
                "error_fatal": False,
                "edge": pair[1],
            }


def _without_any_beacon(world: dict[str, list[Row]], served: list[Row]) -> Pair:
    """The requests of a session of which nothing was ever reported."""
    session = served[0]["session_id"] + 1
    world["edge_requests"] += [row | {"session_id": session, "request_id": f"{row['request_id']}e"} for row in served]
    return session, served[0]["edge"]
