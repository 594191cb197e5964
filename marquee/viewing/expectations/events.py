"""The checkpoint of raw rows: what the log shipped into the lake for some days, and the payments beside it."""

from collections.abc import Collection
from datetime import date
from typing import TYPE_CHECKING

from marquee.contracts.ids import EPOCH_MS, SEQUENCE_BITS, WORKER_BITS
from marquee.contracts.lake import BROWSE, DEAD_LETTERS, EVENTS, PROFILES, TITLES
from marquee.settings import Audience, settings
from marquee.viewing.expectations import billing, edges, limits, reading, shipments
from marquee.viewing.expectations.rules import LAG, STRAY, WARN_ONLY, Frame, Rule, Tolerance

if TYPE_CHECKING:
    import duckdb

DEVICES = ("tv", "desktop", "tablet", "phone", "unknown")
ORIGINS = Audience.ALL.origins


def made_ms(column: str) -> str:
    """SQL for the Unix time in ms at which an id was made."""
    return f"(({column} >> {WORKER_BITS + SEQUENCE_BITS}) + {EPOCH_MS})"


def known(table: str) -> str:
    """SQL for whether a LEFT JOINed row was found."""
    return f"CASE WHEN {table}.id IS NULL THEN 'no' ELSE 'yes' END"


def ids(connection: "duckdb.DuckDBPyConnection") -> None:
    """Give the connection the ids of all titles and profiles in the lake's snapshots."""
    for name, table, column in (("known_titles", TITLES, "title_id"), ("known_profiles", PROFILES, "profile_id")):
        rows = reading.select(table)
        connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT DISTINCT {column} AS id FROM {rows}")  # noqa: S608


def prepare(connection: "duckdb.DuckDBPyConnection", days: Collection[date]) -> None:
    """Give the connection what the frames select from."""
    ids(connection)
    billing.prepare(connection)
    edges.prepare(connection, days)
    shipments.register(connection, days)
    for name, table in (("events", EVENTS), ("browse", BROWSE), ("dead_letters", DEAD_LETTERS)):
        connection.execute(f"CREATE OR REPLACE TEMP VIEW lake_{name} AS FROM {reading.select(table, days)}")


def _stream(name: str, key: str) -> str:
    """What events of playbacks and of visits have in common."""
    made = made_ms(f"r.{key}")
    at = f"make_timestamp_ms({made})"
    return f"""
        SELECT r.{key}, r.seq, r.dt, r.hour, r.viewer_time_ms, r.device, r.origin,
            r.received_ms - {made} AS received_after_ms,
            CASE WHEN r.dt = {at}::DATE AND r.hour = strftime({at}, '%H') THEN 'yes' ELSE 'no' END AS in_its_partition,
            {known("p")} AS profile_known
            FROM lake_{name} r LEFT JOIN known_profiles p ON p.id = r.profile_id"""  # noqa: S608


ROWS = f"""
    SELECT s.session_id, s.seq, s.dt, s.viewer_time_ms, s.device, s.origin, s.position_ms,
        s.received_ms - {made_ms("s.session_id")} AS received_after_ms,
        s.position_ms - s.duration_ms AS beyond_end_ms,
        CASE WHEN s.origin <> 'simulated' THEN s.edge END AS edge,
        CASE WHEN s.dt = make_timestamp_ms({made_ms("s.session_id")})::DATE
            AND s.hour = strftime(make_timestamp_ms({made_ms("s.session_id")}), '%H')
            THEN 'yes' ELSE 'no' END AS in_its_partition,
        {known("t")} AS title_known, {known("p")} AS profile_known
    FROM lake_events s
    LEFT JOIN known_titles t ON t.id = s.title_id LEFT JOIN known_profiles p ON p.id = s.profile_id"""  # noqa: S608
COPIES = f"""
    SELECT session_id, seq, count(*) AS copies FROM lake_events
    WHERE hash(session_id) % greatest(1, (SELECT count(*) FROM lake_events) // {limits.KEY_ROWS}) = 0
    GROUP BY session_id, seq"""  # noqa: S608
CLOCKS = f"""
    SELECT session_id, arg_min(viewer_time_ms, seq) - {made_ms("session_id")} AS clock_off_ms
    FROM lake_events GROUP BY session_id"""  # noqa: S608
HOURS = f"""
    WITH hours AS (SELECT dt + to_hours(hour::INTEGER) AS moment, count(DISTINCT session_id) AS sessions
        FROM lake_events GROUP BY 1),
    spread AS (SELECT unnest(generate_series(min(moment), max(moment), INTERVAL 1 HOUR)) AS moment FROM hours),
    filled AS (SELECT moment, coalesce(sessions, 0) AS sessions FROM spread LEFT JOIN hours USING (moment))
    SELECT strftime(moment, '%Y-%m-%d') AS dt, strftime(moment, '%H') AS hour, sessions,
        CASE WHEN sessions = 0 AND lag(sessions) OVER w >= {limits.BUSY_SESSIONS}
            AND lead(sessions) OVER w >= {limits.BUSY_SESSIONS} THEN 'no' ELSE 'yes' END AS there
    FROM filled WINDOW w AS (ORDER BY moment)"""  # noqa: S608
DEAD = """
    SELECT CASE field WHEN 'edge log' THEN field ELSE 'event log' END AS log, count_if(letter) AS letters,
        count(*) AS lines, letters / lines AS share
    FROM (SELECT field, true AS letter FROM lake_dead_letters
        UNION ALL SELECT '', false FROM lake_events UNION ALL SELECT '', false FROM lake_browse
        UNION ALL SELECT 'edge log', false FROM lake_edge_requests)
    GROUP BY log"""

FRAMES = (
    Frame("shipments", ("shipment", "table_name"), "SELECT * FROM shipments"),
    Frame("files", ("shipment", "file"), "SELECT * FROM files"),
    Frame("hours", ("dt", "hour"), HOURS),
    Frame("events", ("session_id", "seq"), ROWS),
    Frame("copies", ("session_id", "seq"), COPIES),
    Frame("clocks", ("session_id",), CLOCKS),
    Frame("browse", ("visit_id", "seq"), _stream("browse", "visit_id")),
    Frame("dead_letters", ("log", "letters", "lines"), DEAD),
    *billing.FRAMES,
    *edges.FRAMES,
)


def rules() -> tuple[Rule, ...]:
    """The expectations; edges are those of the settings."""
    yes = ("yes",)
    return (
        Rule("shipped_rows_are_there", "shipments", "lost", "rows that were shipped are gone", within=(None, 0)),
        Rule("shipped_files_are_there", "files", "lies",
             "a partition or a part of it was dropped", among=("yes", "unknown")),
        Rule("files_were_shipped", "files", "lies",
             "readers see rows of no shipment", among=("yes", "no"), tolerated=WARN_ONLY),
        Rule("no_hour_is_missing", "hours", "there",
             "an empty hour between busy ones: dropped, or never shipped", among=yes),
        Rule("event_is_in_its_partition", "events", "in_its_partition",
             "a stream lies whole in the hour of its id", among=yes),
        Rule("event_title_is_known", "events", "title_known",
             "a join was broken, or the snapshot of titles is old", among=yes, tolerated=LAG),
        Rule("event_profile_is_known", "events", "profile_known",
             "a join was broken, or the snapshot of profiles is old", among=yes, tolerated=LAG),
        Rule("event_received_after_made", "events", "received_after_ms",
             "a server's clock is skewed", within=(-limits.SERVER_SKEW_MS, None)),
        Rule("event_viewer_time_is_possible", "events", "viewer_time_ms",
             "the event log refuses others", within=limits.VIEWER_TIME_MS),
        Rule("event_position_is_possible", "events", "position_ms", "a place in a programme", within=(0, None)),
        Rule("event_position_is_in_title", "events", "beyond_end_ms",
             "a player tells places that do not exist", within=(None, limits.POSITION_TOLERANCE_MS), tolerated=STRAY),
        Rule("event_edge_is_known", "events", "edge",
             "an edge that the settings do not name", among=tuple(settings().edges), tolerated=STRAY),
        Rule("event_device_is_known", "events", "device", "the API knows no other", among=DEVICES),
        Rule("event_origin_is_known", "events", "origin", "who is real is told by it", among=ORIGINS),
        Rule("event_is_there_once", "copies", "copies",
             "clients repeat themselves too much", within=(None, 1), tolerated=Tolerance(limits.COPIES_WARN, None)),
        Rule("viewer_clocks_are_right", "clocks", "clock_off_ms",
             "clocks of viewers, or ours, are skewed",
             within=(-limits.VIEWER_SKEW_MS, limits.VIEWER_SKEW_MS),
             tolerated=Tolerance(limits.SKEWED_WARN, limits.SKEWED_FAIL, limits.STRAY_ROWS)),
        Rule("browse_is_in_its_partition", "browse", "in_its_partition",
             "a visit lies whole in the hour of its id", among=yes),
        Rule("browse_profile_is_known", "browse", "profile_known",
             "a join was broken, or the snapshot of profiles is old", among=yes, tolerated=LAG),
        Rule("browse_received_after_made", "browse", "received_after_ms",
             "a server's clock is skewed", within=(-limits.SERVER_SKEW_MS, None)),
        Rule("browse_device_is_known", "browse", "device", "the API knows no other", among=DEVICES),
        Rule("dead_letters_are_few", "dead_letters", "share",
             "a client sends what is no event", within=(None, limits.DEAD_WARN), tolerated=WARN_ONLY),
        Rule("dead_letters_are_no_fifth", "dead_letters", "share",
             "what is left is no fair sample", within=(None, limits.DEAD_FAIL)),
        *billing.rules(),
        *edges.rules(),
    )  # fmt: skip
