"""The definitions of playbacks and viewing sessions once more, in slow plain Python, event by event."""

from collections import defaultdict
from typing import Any

from marquee.contracts.ids import created_ms

Row = dict[str, Any]
CONSTANT = ("profile_id", "origin", "device", "country", "isp", "title_id", "release_id", "duration_ms")
HALF_HOUR, DAY = 1_800_000, 86_400_000


def content(row: Row) -> tuple[Any, ...]:
    return tuple((value is not None, value) for value in row.values())


def once(events: list[Row]) -> dict[int, list[Row]]:
    best: dict[tuple[int, int], Row] = {}
    for event in events:
        key = (event["session_id"], event["seq"])
        if key not in best or (event["received_ms"], content(event)) < (best[key]["received_ms"], content(best[key])):
            best[key] = event
    streams: dict[int, list[Row]] = defaultdict(list)
    for key in sorted(best):
        streams[key[0]].append(best[key])
    return streams


def union(stretches: list[tuple[int, int]]) -> list[dict[str, int]]:
    moments: list[list[int]] = []
    for begin, end in sorted(stretches):
        if moments and begin <= moments[-1][1]:
            moments[-1][1] = max(moments[-1][1], end)
        else:
            moments.append([begin, end])
    return [{"from_ms": begin, "to_ms": end} for begin, end in moments]


def length(stretches: list[dict[str, int]]) -> int:
    return sum(one["to_ms"] - one["from_ms"] for one in stretches)


class Player:
    """What is known of a player while its events are read one after the other."""

    def __init__(self) -> None:
        self.playing = self.stalled = self.seeking = self.shown = False
        self.bitrate: int | None = None
        self.edge: str | None = None

    def hear(self, event: Row) -> bool:
        """Take in an event; says whether a rebuffering that counts begins with it."""
        name = event["name"]
        halted = name in ("pause", "seeking", "ended", "viewend") or bool(event["error_fatal"])
        self.shown = self.shown or name == "firstframe"
        if name in ("firstframe", "playing", "rebufferend"):
            self.playing = True
        elif halted or name == "rebufferstart":
            self.playing = False
        if name == "rebufferstart":
            self.stalled = True
        elif halted or name in ("playing", "rebufferend"):
            self.stalled = False
        if name in ("seeking", "playing"):
            self.seeking = name == "seeking"
        self.bitrate = self.bitrate if event["bitrate"] is None else event["bitrate"]
        self.edge = self.edge if event["edge"] is None else event["edge"]
        return name == "rebufferstart" and self.shown and not self.seeking


def playback(events: list[Row]) -> Row:
    player, sums, edges, stretches = Player(), defaultdict(int), defaultdict(int), []
    end = events[-1]["viewer_time_ms"]
    for a, b in zip(events, [*events[1:], None], strict=True):
        sums["rebuffers"] += player.hear(a)
        if player.edge is not None:
            edges[player.edge] += 0
        if b is None:
            continue
        ahead = max(b["viewer_time_ms"] - a["viewer_time_ms"], 0)
        step = min(ahead, max(end - a["viewer_time_ms"], 0))
        grown = b["position_ms"] - a["position_ms"]
        if player.playing:
            play = min(step, 120_000)
            sums["play_ms"] += play
            if player.bitrate is not None:
                sums["rated_ms"] += play
                sums["bitrate_ms"] += play * player.bitrate
            if player.edge is not None:
                edges[player.edge] += play
            if 0 < grown <= 4 * ahead + 2000:
                sums["watched_ms"] += grown
                stretches.append((a["position_ms"], b["position_ms"]))
        if player.stalled and player.shown and not player.seeking:
            sums["rebuffer_ms"] += step
    return _row(events, sums, edges, union(stretches))


def _row(events: list[Row], sums: dict[str, int], edges: dict[str, int], stretches: list[dict[str, int]]) -> Row:
    first, last = events[0], events[-1]
    names = [event["name"] for event in events]
    failures = [i for i, e in enumerate(events) if e["error_fatal"] and not e["error_business"]]
    shown = names.index("firstframe") if "firstframe" in names else None
    intent = names.index("viewstart") if "viewstart" in names else None
    startup = None
    if shown is not None and intent is not None:
        startup = max(events[shown]["viewer_time_ms"] - events[intent]["viewer_time_ms"], 0)
    started = created_ms(first["session_id"])
    places = [event["position_ms"] for event in events]
    return {
        "session_id": first["session_id"],
        **{name: first[name] for name in CONSTANT},
        "edge": min(edges, key=lambda edge: (-edges[edge], edge)) if edges else "unknown",
        "started_ms": started,
        "ended_ms": started + max(last["viewer_time_ms"] - first["viewer_time_ms"], 0),
        "events": len(events),
        "missing": last["seq"] + 1 - len(events),
        **{name: sums[name] for name in ("watched_ms", "play_ms", "rebuffer_ms", "rebuffers", "rated_ms")},
        "bitrate_ms": float(sums["bitrate_ms"]),
        "covered_ms": length(stretches),
        "furthest_ms": max(places),
        "first_position_ms": places[0],
        "last_position_ms": places[-1],
        "stretches": stretches,
        "started": shown is not None,
        "startup_ms": startup,
        "exit_before_start": shown is None and not failures,
        "start_failure": bool(failures) and (shown is None or failures[0] < shown),
        "fatal": bool(failures),
        "refused": any(event["error_business"] for event in events),
        "dropped_frames": max((event["dropped_frames"] or 0) for event in events),
        "rendition_changes": names.count("renditionchange"),
        "clean_end": "ended" in names or "viewend" in names,
    }


def playbacks(events: list[Row]) -> list[Row]:
    return [playback(stream) for _, stream in sorted(once(events).items())]


def chains(rows: list[Row]) -> list[list[Row]]:
    """Sessions as lists of playbacks, of one profile's playbacks in order."""
    done: list[list[Row]] = []
    reach = born = 0
    for row in rows:
        day = row["started_ms"] // DAY
        linked = bool(done) and done[-1][-1]["title_id"] == row["title_id"] and row["started_ms"] <= reach
        if not linked:
            born, reach = day, 0
        reach = max(reach, min(row["ended_ms"] + HALF_HOUR, (day + 2) * DAY - 1))
        same_piece = linked and (day <= born + 1 or done[-1][-1]["started_ms"] // DAY == day)
        if same_piece:
            done[-1].append(row)
        else:
            done.append([row])
    return done


def session(rows: list[Row]) -> Row:
    first, last = rows[0], rows[-1]
    covered = length(union([(s["from_ms"], s["to_ms"]) for row in rows for s in row["stretches"]]))
    completion = min(covered / last["duration_ms"], 1.0) if last["duration_ms"] else 0.0
    return {
        "viewing_session_id": first["session_id"],
        **{name: first[name] for name in ("profile_id", "title_id", "origin", "country", "device")},
        "devices": len({row["device"] for row in rows}),
        "playbacks": len(rows),
        "started_ms": first["started_ms"],
        "ended_ms": max(row["ended_ms"] for row in rows),
        "watched_ms": sum(row["watched_ms"] for row in rows),
        "covered_ms": covered,
        "first_position_ms": first["first_position_ms"],
        "last_position_ms": last["last_position_ms"],
        "furthest_ms": max(row["furthest_ms"] for row in rows),
        "duration_ms": last["duration_ms"],
        "completion": completion,
        "completed": completion >= 0.9,
    }


def sessions(rows: list[Row]) -> list[Row]:
    viewers: dict[int, list[Row]] = defaultdict(list)
    for row in sorted((r for r in rows if r["watched_ms"] > 0), key=lambda r: (r["started_ms"], r["session_id"])):
        viewers[row["profile_id"]].append(row)
    found = [session(chain) for one in viewers.values() for chain in chains(one)]
    return sorted(found, key=lambda row: row["viewing_session_id"])
