"""The checkpoint of derived rows: playbacks and viewing sessions of some days."""

from collections.abc import Collection
from datetime import date, timedelta
from typing import TYPE_CHECKING

from marquee.contracts.lake import EVENTS, PLAYBACKS, SESSIONS
from marquee.viewing.expectations import limits, reading
from marquee.viewing.expectations.events import DEVICES, ids, known, made_ms
from marquee.viewing.expectations.rules import LAG, NEAR, SHARE, STRAY, WARN_ONLY, Frame, Rule

if TYPE_CHECKING:
    import duckdb

SPAN = 2  # days that a session can reach into


def prepare(connection: "duckdb.DuckDBPyConnection", days: Collection[date]) -> None:
    """Give the connection what the frames select from; neighbouring days as well, because sessions cross midnight."""
    ids(connection)
    around = {day + timedelta(days=step) for day in days for step in range(-SPAN, SPAN + 1)}
    for name, table, some in (
        ("lake_events", EVENTS, days),
        ("lake_playbacks", PLAYBACKS, around),
        ("lake_sessions", SESSIONS, around),
    ):
        connection.execute(f"CREATE OR REPLACE TEMP VIEW {name} AS FROM {reading.select(table, some)}")
    connection.execute("CREATE OR REPLACE TEMP TABLE days (dt DATE)")
    if days:
        connection.executemany("INSERT INTO days VALUES (?)", [(day,) for day in sorted(days)])
    connection.execute(f"CREATE OR REPLACE TEMP TABLE placed AS {PLACED}")


# Sessions of one profile and title follow each other: a playback belongs to the last one that began no later.
PLACED = f"""
    SELECT p.session_id, p.dt, p.watched_ms,
        CASE WHEN p.started_ms <= s.ended_ms + {limits.PAUSE_MS} THEN s.viewing_session_id END AS viewing_session_id
    FROM (FROM lake_playbacks WHERE watched_ms > 0) p
    ASOF LEFT JOIN (SELECT viewing_session_id, profile_id, title_id, ended_ms
        FROM lake_sessions) s
    ON p.profile_id = s.profile_id AND p.title_id = s.title_id AND p.session_id >= s.viewing_session_id"""  # noqa: S608
PLAYED = f"""
    SELECT p.session_id, p.dt, p.device, {known("t")} AS title_known, {known("u")} AS profile_known,
        p.ended_ms - p.started_ms AS span_ms,
        p.started_ms - {made_ms("p.session_id")} AS started_off_ms,
        CASE WHEN p.dt = make_timestamp_ms({made_ms("p.session_id")})::DATE THEN 'yes' ELSE 'no' END AS on_its_day,
        p.watched_ms - {limits.WATCH_RATE} * (p.ended_ms - p.started_ms) - {limits.WATCH_SLACK_MS} * p.events
            AS unexplained_ms,
        p.covered_ms - p.watched_ms AS more_covered_ms,
        p.covered_ms - coalesce(list_sum(list_transform(p.stretches, lambda s: s.to_ms - s.from_ms)), 0)
            AS not_in_stretches_ms,
        p.furthest_ms - p.duration_ms AS beyond_end_ms, p.startup_ms, p.rebuffer_ms, p.watched_ms,
        p.started::INTEGER + p.exit_before_start::INTEGER + p.start_failure::INTEGER AS outcomes
    FROM (FROM lake_playbacks SEMI JOIN days USING (dt)) p
    LEFT JOIN known_titles t ON t.id = p.title_id LEFT JOIN known_profiles u ON u.id = p.profile_id"""  # noqa: S608
VIEWED = f"""
    WITH summed AS (SELECT viewing_session_id, sum(watched_ms) AS watched_ms, count(*) AS playbacks
        FROM placed WHERE viewing_session_id IS NOT NULL GROUP BY 1)
    SELECT s.viewing_session_id, s.dt, s.completion, s.device,
        {known("t")} AS title_known, {known("u")} AS profile_known,
        s.ended_ms - s.started_ms AS span_ms,
        s.started_ms - {made_ms("s.viewing_session_id")} AS started_off_ms,
        s.watched_ms - coalesce(a.watched_ms, 0) AS watched_off_ms,
        s.playbacks - coalesce(a.playbacks, 0) AS playbacks_off,
        s.covered_ms - s.watched_ms AS more_covered_ms,
        s.completion - least(1.0, s.covered_ms / nullif(s.duration_ms, 0)) AS completion_off
    FROM (FROM lake_sessions SEMI JOIN days USING (dt)) s LEFT JOIN summed a USING (viewing_session_id)
    LEFT JOIN known_titles t ON t.id = s.title_id LEFT JOIN known_profiles u ON u.id = s.profile_id"""  # noqa: S608
STREAMS = """
    WITH streams AS (SELECT dt, count(DISTINCT session_id) AS streams FROM lake_events GROUP BY dt),
    played AS (SELECT dt, count(DISTINCT session_id) AS playbacks FROM lake_playbacks GROUP BY dt)
    SELECT strftime(dt, '%Y-%m-%d') AS dt, coalesce(streams, 0) AS streams, coalesce(playbacks, 0) AS playbacks,
        abs(coalesce(playbacks, 0) - coalesce(streams, 0)) / greatest(streams, 1) AS off
    FROM days LEFT JOIN streams USING (dt) LEFT JOIN played USING (dt)"""


def _once(table: str, key: str) -> str:
    return f"SELECT {key}, count(*) AS copies FROM {table} GROUP BY {key}"  # noqa: S608


FRAMES = (
    Frame("days", ("dt", "streams", "playbacks"), STREAMS),
    Frame("playbacks", ("session_id",), PLAYED),
    Frame("playback_keys", ("session_id",), _once("lake_playbacks", "session_id")),
    Frame("placed", ("session_id",), "SELECT * FROM placed SEMI JOIN days USING (dt)"),
    Frame("sessions", ("viewing_session_id",), VIEWED),
    Frame("session_keys", ("viewing_session_id",), _once("lake_sessions", "viewing_session_id")),
)


def rules() -> tuple[Rule, ...]:
    """The expectations."""
    yes = ("yes",)
    return (
        Rule("day_has_its_playbacks", "days", "off",
             "a day was dropped, or left out by Spark", within=(None, limits.STREAMS_FAIL)),
        Rule("every_stream_has_a_playback", "days", "off",
             "events came while Spark ran, or rows were lost", within=(None, 0), tolerated=WARN_ONLY),
        Rule("playback_is_there_once", "playback_keys", "copies", "readers count it twice", within=(None, 1)),
        Rule("playback_is_on_its_day", "playbacks", "on_its_day", "its partition is that of its id", among=yes),
        Rule("playback_title_is_known", "playbacks", "title_known",
             "a join was broken, or the snapshot of titles is old", among=yes, tolerated=LAG),
        Rule("playback_profile_is_known", "playbacks", "profile_known",
             "a join was broken, or the snapshot of profiles is old", among=yes, tolerated=LAG),
        Rule("playback_starts_by_our_clock", "playbacks", "started_off_ms",
             "a viewer's clock was taken for ours", within=(0, 0)),
        Rule("playback_ends_after_its_start", "playbacks", "span_ms", "a clock was skewed", within=(0, None)),
        Rule("playback_watched_within_wall_time", "playbacks", "unexplained_ms",
             "more was watched than time went by", within=(None, 0)),
        Rule("playback_watched_is_positive", "playbacks", "watched_ms", "time does not run back", within=(0, None)),
        Rule("playback_covers_what_it_watched", "playbacks", "more_covered_ms",
             "each moment counts once", within=(None, 0)),
        Rule("playback_stretches_add_up", "playbacks", "not_in_stretches_ms",
             "stretches are what was covered", within=(0, 0)),
        Rule("playback_is_in_title", "playbacks", "beyond_end_ms",
             "a player tells places that do not exist", within=(None, limits.POSITION_TOLERANCE_MS), tolerated=STRAY),
        Rule("playback_startup_is_possible", "playbacks", "startup_ms",
             "a viewer's clock was set meanwhile", within=(0, limits.STARTUP_MAX_MS), tolerated=STRAY),
        Rule("playback_rebuffering_is_positive", "playbacks", "rebuffer_ms", "time does not run back", within=(0, None)
             ),
        Rule("playback_has_one_outcome", "playbacks", "outcomes",
             "it starts, fails or is left, one of them", within=(None, 1)),
        Rule("playback_device_is_known", "playbacks", "device", "the API knows no other", among=DEVICES),
        Rule("playback_has_its_session", "placed", "viewing_session_id", "sessions of the day are missing", present=True
             ),
        Rule("session_is_there_once", "session_keys", "copies", "readers count it twice", within=(None, 1)),
        Rule("session_title_is_known", "sessions", "title_known",
             "a join was broken, or the snapshot of titles is old", among=yes, tolerated=LAG),
        Rule("session_profile_is_known", "sessions", "profile_known",
             "a join was broken, or the snapshot of profiles is old", among=yes, tolerated=LAG),
        Rule("session_starts_by_our_clock", "sessions", "started_off_ms",
             "it begins with its first playback", within=(0, 0)),
        Rule("session_ends_after_its_start", "sessions", "span_ms", "a clock was skewed", within=(0, None)),
        Rule("session_watched_adds_up", "sessions", "watched_off_ms",
             "the sum of its playbacks: a join was broken", within=(0, 0)),
        Rule("session_playbacks_add_up", "sessions", "playbacks_off",
             "playbacks were lost or counted twice", within=(0, 0)),
        Rule("session_covers_what_it_watched", "sessions", "more_covered_ms",
             "each moment counts once", within=(None, 0)),
        Rule("session_completion_is_a_share", "sessions", "completion", "of the title", within=SHARE),
        Rule("session_completion_follows", "sessions", "completion_off", "covered time by duration", within=NEAR),
        Rule("session_device_is_known", "sessions", "device", "the API knows no other", among=DEVICES),
    )  # fmt: skip
