"""The definitions of watching and of its quality, slowly and in plain Python: what every faster way must agree with."""

from itertools import pairwise

from marquee.contracts.ids import created_ms

MOVING = {"firstframe", "playing", "rebufferend"}
STILL = {"pause", "rebufferstart", "seeking", "ended", "viewend"}
STALL_ENDS = {"rebufferend", "playing", "pause", "seeking", "ended", "viewend"}
VIEWER = ("profile_id", "origin", "device", "country", "isp", "title_id", "release_id", "duration_ms")
GAP_MS, CAP_MS = 30 * 60_000, 120_000


def each_once(rows):
    """Of the copies of an event the one received first."""
    first = {}
    for row in sorted(rows, key=lambda r: (r["session_id"], r["seq"], r["received_ms"], repr(sorted(r.items())))):
        first.setdefault((row["session_id"], row["seq"]), row)
    by_session = {}
    for (session, _), row in sorted(first.items()):
        by_session.setdefault(session, []).append(row)
    return by_session


def states(events):
    """For each event whether pictures move and whether a stall that counts is going on after it; rate and edge too."""
    moving = stalled = seeking = shown = False
    rate = edge = None
    for event in events:
        name, fatal = event["name"], bool(event["error_fatal"])
        moving = (moving or name in MOVING) and name not in STILL and not fatal
        shown = shown or name == "firstframe"
        seeking = (seeking or name == "seeking") and name != "playing"
        stalled = (stalled or name == "rebufferstart") and name not in STALL_ENDS and not fatal
        rate, edge = event["bitrate"] or rate, event["edge"] or edge
        yield moving, stalled and shown and not seeking, rate, edge


def merged(stretches):
    done = []
    for low, high in sorted(stretches):
        if done and low <= done[-1][1]:
            done[-1][1] = max(done[-1][1], high)
        else:
            done.append([low, high])
    return [{"from_ms": low, "to_ms": high} for low, high in done]


def playback(events):
    """The row of PLAYBACKS of one session's events, in order."""
    end = events[-1]["viewer_time_ms"]
    watched, play, rebuffer, rated, bitrate, stretches, edges = 0, 0, 0, 0, 0.0, [], {}
    stalls = 0
    for (a, b), (moving, stalled, rate, edge) in zip(pairwise([*events, events[-1]]), states(events), strict=True):
        ahead = max(b["viewer_time_ms"] - a["viewer_time_ms"], 0)
        step, grown = min(ahead, max(end - a["viewer_time_ms"], 0)), b["position_ms"] - a["position_ms"]
        if moving and 0 < grown <= 4 * ahead + 2000:
            watched += grown
            stretches.append((a["position_ms"], b["position_ms"]))
        moved = min(step, CAP_MS) if moving else 0
        play += moved
        rated += moved if rate else 0
        bitrate += moved * (rate or 0)
        rebuffer += step if stalled else 0
        stalls += stalled and a["name"] == "rebufferstart"
        if edge:
            edges[edge] = edges.get(edge, 0) + moved
    stretches = merged(stretches)
    return {
        "session_id": events[0]["session_id"],
        **{name: events[0][name] for name in VIEWER},
        "edge": min(edges, key=lambda e: (-edges[e], e)) if edges else "unknown",
        "started_ms": created_ms(events[0]["session_id"]),
        "ended_ms": created_ms(events[0]["session_id"]) + max(0, end - events[0]["viewer_time_ms"]),
        "events": len(events),
        "missing": events[-1]["seq"] + 1 - len(events),
        "watched_ms": watched,
        "covered_ms": sum(s["to_ms"] - s["from_ms"] for s in stretches),
        "furthest_ms": max(e["position_ms"] for e in events),
        "first_position_ms": events[0]["position_ms"],
        "last_position_ms": events[-1]["position_ms"],
        "stretches": stretches,
        **start(events),
        "play_ms": play,
        "rebuffer_ms": rebuffer,
        "rebuffers": stalls,
        "bitrate_ms": bitrate,
        "rated_ms": rated,
        "dropped_frames": max(e["dropped_frames"] or 0 for e in events),
        "rendition_changes": sum(e["name"] == "renditionchange" for e in events),
        "clean_end": any(e["name"] in ("ended", "viewend") for e in events),
    }


def start(events):
    """How it began, and whether it failed."""

    def first(wanted):
        return next((n for n, event in enumerate(events) if wanted(event)), None)

    shown = first(lambda e: e["name"] == "firstframe")
    intent = first(lambda e: e["name"] == "viewstart")
    failed = first(lambda e: e["error_fatal"] and not e["error_business"])
    times = [None if n is None else events[n]["viewer_time_ms"] for n in (intent, shown)]
    return {
        "started": shown is not None,
        "startup_ms": None if None in times else max(0, times[1] - times[0]),
        "exit_before_start": shown is None and failed is None,
        "start_failure": failed is not None and (shown is None or failed < shown),
        "fatal": failed is not None,
        "refused": any(e["error_business"] for e in events),
    }


def playbacks(rows):
    """Rows of PLAYBACKS by session id, from rows of EVENTS in any order and number of copies."""
    return {session: playback(events) for session, events in each_once(rows).items()}


def goes_on(chain, row):
    latest = max(before["ended_ms"] for before in chain)
    return row["title_id"] == chain[0]["title_id"] and row["started_ms"] <= latest + GAP_MS


def sessions(playbacks_):
    """Rows of SESSIONS by id. Chains of more than a day are not cut: simulated viewers have none."""
    chains, open_ = [], {}
    for row in sorted(playbacks_, key=lambda r: (r["started_ms"], r["session_id"])):
        if row["watched_ms"] == 0:
            continue
        chain = open_.get(row["profile_id"])
        if chain and goes_on(chain, row):
            chain.append(row)
            continue
        open_[row["profile_id"]] = [row]
        chains.append(open_[row["profile_id"]])
    return {chain[0]["session_id"]: session(chain) for chain in chains}


def session(chain):
    first, last = chain[0], chain[-1]
    stretches = merged([(s["from_ms"], s["to_ms"]) for row in chain for s in row["stretches"]])
    covered = sum(s["to_ms"] - s["from_ms"] for s in stretches)
    completion = min(1.0, covered / last["duration_ms"])
    return {
        "viewing_session_id": first["session_id"],
        **{name: first[name] for name in ("profile_id", "title_id", "origin", "country", "device")},
        "devices": len({row["device"] for row in chain}),
        "playbacks": len(chain),
        "started_ms": first["started_ms"],
        "ended_ms": max(row["ended_ms"] for row in chain),
        "watched_ms": sum(row["watched_ms"] for row in chain),
        "covered_ms": covered,
        "first_position_ms": first["first_position_ms"],
        "last_position_ms": last["last_position_ms"],
        "furthest_ms": max(row["furthest_ms"] for row in chain),
        "duration_ms": last["duration_ms"],
        "completion": completion,
        "completed": completion >= 0.9,
    }
