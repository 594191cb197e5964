"""Playbacks and sessions equal the slow plain reference, whatever order, copies and clocks the events come with."""

import random
from datetime import date, timedelta

from marquee.contracts.lake import EVENTS, PLAYBACKS, SESSIONS
from spark_jobs import playbacks, sessions
from tests.spark_jobs import reference
from tests.spark_jobs.streams import DAY_ONE, event, messed, midnight_ms, session_id, viewing, wild

NOON = midnight_ms(DAY_ONE) + 12 * 3_600_000
MINUTE, DAY = 60_000, 86_400_000


def stream(number, *told, **more):
    """Events of one session as (name, seconds by the viewer's clock, seconds of the programme)."""
    made = session_id(NOON, number)
    return [
        event(made, seq, name, int(at * 1000), int(place * 1000), **more | dict(*extra))
        for seq, (name, at, place, *extra) in enumerate(told)
    ]


PLAIN = [("viewstart", 0, 0), ("firstframe", 2, 0), ("heartbeat", 12, 10), ("viewend", 22, 20)]
FATAL = {"error_fatal": True}
CASES = [
    (PLAIN, {"watched_ms": 20_000, "covered_ms": 20_000, "startup_ms": 2_000, "play_ms": 20_000, "clean_end": True}),
    ([("heartbeat", 0, 0), ("heartbeat", 10, 10)], {"watched_ms": 0, "started": False, "exit_before_start": True}),
    # a jump is no viewing, at the limit of four times the clock and two seconds
    ([("playing", 0, 0), ("heartbeat", 10, 42)], {"watched_ms": 42_000}),
    ([("playing", 0, 0), ("heartbeat", 10, 42.001)], {"watched_ms": 0, "furthest_ms": 42_001, "play_ms": 10_000}),
    # what is seen twice is watched twice and covered once
    ([("playing", 0, 0), ("seeking", 10, 10), ("seeked", 11, 5), ("playing", 11, 5), ("ended", 21, 15)],
     {"watched_ms": 20_000, "covered_ms": 15_000, "stretches": [{"from_ms": 0, "to_ms": 15_000}]}),
    ([("playing", 0, 0), ("heartbeat", 1, 0.001), ("ended", 2, 0.001)], {"stretches": [{"from_ms": 0, "to_ms": 1}]}),
    # stalls count after the first frame, and not while seeking
    ([("viewstart", 0, 0), ("rebufferstart", 1, 0), ("rebufferend", 3, 0), ("firstframe", 4, 0),
      ("rebufferstart", 10, 6), ("rebufferend", 13, 6), ("seeking", 14, 7), ("rebufferstart", 15, 50),
      ("rebufferend", 19, 50), ("playing", 20, 50), ("viewend", 30, 60)],
     {"rebuffer_ms": 3_000, "rebuffers": 1, "startup_ms": 4_000}),
    ([("viewstart", 0, 0), ("error", 1, 0, FATAL)],
     {"start_failure": True, "fatal": True, "exit_before_start": False, "refused": False, "clean_end": False}),
    ([("viewstart", 0, 0), ("error", 1, 0, FATAL | {"error_business": True})],
     {"start_failure": False, "fatal": False, "refused": True}),
    ([("viewstart", 0, 0), ("firstframe", 1, 0), ("error", 9, 8, FATAL), ("heartbeat", 20, 19)],
     {"start_failure": False, "fatal": True, "watched_ms": 8_000}),
    # a clock that is set back or runs ahead for a while
    ([("playing", 100, 0), ("heartbeat", 110, 10), ("heartbeat", 50, 12), ("viewend", 150, 20)],
     {"watched_ms": 20_000, "play_ms": 110_000}),
    ([("playing", 0, 0), ("heartbeat", 900_000, 10), ("viewend", 20, 20)], {"play_ms": 20_000}),
    # an edge and a bitrate hold until another is named; silence of more than two minutes was no playing
    ([("playing", 0, 0, {"edge": "a", "bitrate": 1_000}), ("cdnchange", 10, 10, {"edge": "b"}),
      ("heartbeat", 500, 20), ("viewend", 501, 21)],
     {"edge": "b", "play_ms": 131_000, "rated_ms": 131_000, "bitrate_ms": 131_000_000.0}),
    # of two edges that played equally long the first by name
    ([("playing", 0, 0, {"edge": "a"}), ("cdnchange", 10, 10, {"edge": "b"}), ("viewend", 20, 20)], {"edge": "a"}),
    ([("viewstart", 0, 0)], {"edge": "unknown", "startup_ms": None, "stretches": [], "bitrate_ms": 0.0, "missing": 0}),
]  # fmt: skip


def test_cases_by_hand(frame, rows):
    events = [row for number, (told, _) in enumerate(CASES) for row in stream(number, *told)]
    absurd, most = session_id(NOON, 99), 2**63 - 1
    events += [
        event(absurd, 0, "playing", NOON, 0, bitrate=most),
        event(absurd, most, "ended", NOON + 5_000, most, dropped_frames=most),
    ]
    found = rows(PLAYBACKS, playbacks.transform(frame(EVENTS, events)))
    expected = [wanted for _, wanted in CASES] + [{"missing": most - 1, "bitrate_ms": most * 5_000.0, "watched_ms": 0}]
    assert [{name: row[name] for name in wanted} for row, wanted in zip(found, expected, strict=True)] == expected
    assert found == reference.playbacks(events)


def test_wild_and_messed_streams_equal_the_reference(frame, rows):
    rng = random.Random(1)
    events = [row for number in range(600) for row in wild(rng, number)]
    expected = reference.playbacks(events)
    found = rows(PLAYBACKS, playbacks.transform(frame(EVENTS, messed(rng, events))))
    assert found == expected
    assert rows(SESSIONS, sessions.transform(frame(PLAYBACKS, found))) == reference.sessions(expected)


def watched(*viewings):
    """Playbacks of one profile: (minute it began, minutes watched, title, device)."""
    return reference.playbacks(
        [
            row
            for number, (at, minutes, title, device) in enumerate(viewings)
            for row in viewing(NOON + round(at * MINUTE), number, minutes * 60, title_id=title, device=device)
        ]
    )


def test_gaps_titles_and_devices(frame, rows):
    end = 10 + 400 / MINUTE  # the first frame came after 400 ms
    edge = watched((0, 10, 1, "tv"), (end + 30, 5, 1, "phone"), (end + 30 + 5 + 31, 5, 1, "tv"))
    split = watched((1_000, 10, 2, "tv"), (1_011, 5, 3, "tv"), (1_017, 5, 2, "tv"))
    made = [row | {"profile_id": profile} for profile, some in enumerate((edge, split)) for row in some]
    found = rows(SESSIONS, sessions.transform(frame(PLAYBACKS, made)))
    assert [(row["profile_id"], row["playbacks"], row["devices"]) for row in found] == [
        (0, 2, 2), (0, 1, 1), (1, 1, 1), (1, 1, 1), (1, 1, 1),
    ]  # fmt: skip
    assert found[0]["watched_ms"] == 15 * MINUTE
    assert found[0]["covered_ms"] == 10 * MINUTE
    assert found[0]["completed"]


def test_sessions_of_a_day_follow_from_its_neighbours(frame, rows):
    """Chains of several days: what each day's sessions are from four days' playbacks is what they are from all."""
    rng = random.Random(3)
    (plain,) = reference.playbacks(stream(1, *PLAIN))
    made = [chained(plain, rng, number) for number in range(1_000)]
    whole = reference.sessions(made)
    assert max(row["ended_ms"] - row["started_ms"] for row in whole) > DAY
    unbroken = [day_of(row) for row in whole if row["profile_id"] == 0]
    assert unbroken == [DAY_ONE + timedelta(number) for number in (0, 2, 3, 4, 5)]  # the first reaches into a second
    for day in (DAY_ONE + timedelta(2), DAY_ONE + timedelta(4)):
        near = [row for row in made if day_of(row) in sessions.needed([day])]
        found = [row for row in rows(SESSIONS, sessions.transform(frame(PLAYBACKS, near))) if day_of(row) == day]
        assert found == [row for row in whole if day_of(row) == day]
    assert sum(row["playbacks"] for row in whole) == len(made)


def test_the_days_that_depend_on_each_other():
    day = date(2026, 3, 1)
    around = [date(2026, 2, 27), date(2026, 2, 28), day, date(2026, 3, 2), date(2026, 3, 3)]
    assert sessions.touched([day]) == set(around[1:])
    assert sessions.needed([day]) == set(around[:4])


def test_a_session_reaches_to_the_end_of_the_next_day_and_from_the_third_a_chain_is_cut(frame, rows):
    """A playback of day one that lasts into day three leads on to day two's last moment, and not beyond it."""
    (plain,) = reference.playbacks(stream(1, *PLAIN))
    first = midnight_ms(DAY_ONE)

    def made(profile, *starts):
        """Playbacks of the title that start so many ms after day one; the first lasts to noon of the third day."""
        return [
            plain | {"session_id": session_id(first + at, 10 * profile + n), "profile_id": profile,
                     "started_ms": first + at, "ended_ms": first + (5 * DAY // 2 if n == 0 else at + MINUTE)}
            for n, at in enumerate(starts)
        ]  # fmt: skip

    found = rows(
        SESSIONS,
        sessions.transform(
            frame(PLAYBACKS, made(0, 0, 2 * DAY - 1) + made(1, 0, 2 * DAY) + made(2, 0, DAY, 2 * DAY + 1, 3 * DAY + 2))
        ),
    )
    assert [(row["profile_id"], row["playbacks"]) for row in found if row["profile_id"] < 2] == [(0, 2), (1, 1), (1, 1)]
    assert [row["playbacks"] for row in found if row["profile_id"] == 2] == [2, 1, 1]


def test_a_chain_that_begins_anew_on_the_third_day_is_whole_into_the_fourth(frame, rows):
    """The first playback leads on to none of the third day, whose own chain is a day old on the next."""
    (plain,) = reference.playbacks(stream(1, *PLAIN))
    first = midnight_ms(DAY_ONE)
    made = [
        plain | {"session_id": session_id(first + begun, n), "started_ms": first + begun, "ended_ms": first + ended}
        for n, (begun, ended) in enumerate(
            [(0, 5 * DAY // 2), (2 * DAY, 3 * DAY - MINUTE), (3 * DAY, 3 * DAY + MINUTE)]
        )
    ]
    found = rows(SESSIONS, sessions.transform(frame(PLAYBACKS, made)))
    assert sorted((row["started_ms"] - first, row["playbacks"]) for row in found) == [(0, 1), (2 * DAY, 2)]


def test_nine_tenths_complete_a_title_and_one_without_a_length_is_never_complete(frame, rows):
    (plain,) = reference.playbacks(stream(1, *PLAIN))
    lengths = {0: 1000, 1: 1001, 2: 0}
    made = [
        plain | {"session_id": session_id(NOON, n), "profile_id": n, "duration_ms": length,
                 "stretches": [{"from_ms": 0, "to_ms": 900}]}
        for n, length in lengths.items()
    ]  # fmt: skip
    found = rows(SESSIONS, sessions.transform(frame(PLAYBACKS, made)))
    assert [(row["completed"], round(row["completion"], 4)) for row in found] == [
        (True, 0.9),
        (False, 0.8991),
        (False, 0.0),
    ]


def chained(plain, rng, number):
    """A playback of some hours, of a profile that watches one title all the time or of one that changes."""
    at, profile = midnight_ms(DAY_ONE) + rng.randrange(6 * 24 * 60) * MINUTE, number % 3
    return plain | {
        "session_id": session_id(at, number), "profile_id": profile, "started_ms": at,
        "ended_ms": at + (20 + rng.randrange(120) + 200 * (profile == 0)) * MINUTE,
        "title_id": rng.choice((1, 2)) if profile else 1,
    }  # fmt: skip


def day_of(row) -> date:
    return date(1970, 1, 1) + timedelta(row["started_ms"] // DAY)
