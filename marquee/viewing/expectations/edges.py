"""What edges have logged, as part of the checkpoint of raw rows."""

from collections.abc import Collection
from datetime import date
from typing import TYPE_CHECKING

from marquee.contracts.ids import EPOCH_MS, SEQUENCE_BITS, WORKER_BITS
from marquee.contracts.lake import EDGE_REPORTS, EDGE_REQUESTS
from marquee.settings import Audience, settings
from marquee.viewing.expectations import limits, reading
from marquee.viewing.expectations.rules import STRAY, WARN_ONLY, Frame, Rule

if TYPE_CHECKING:
    import duckdb

MADE_MS = f"((session_id >> {WORKER_BITS + SEQUENCE_BITS}) + {EPOCH_MS})"
FILED = f"make_timestamp_ms(coalesce({MADE_MS}, at_ms))"


def prepare(connection: "duckdb.DuckDBPyConnection", days: Collection[date]) -> None:
    """Give the connection what the frames select from."""
    for table in (EDGE_REQUESTS, EDGE_REPORTS):
        connection.execute(f"CREATE OR REPLACE TEMP VIEW lake_{table.name} AS FROM {reading.select(table, days)}")


# A request that no longer names its session lies where that began.
REQUESTS = f"""
    SELECT request_id, session_id, dt, hour, status, bytes, ms, origin, at_ms - {MADE_MS} AS after_ms,
        CASE WHEN origin IS DISTINCT FROM 'simulated' THEN edge END AS edge,
        CASE WHEN session_id IS NULL OR dt = {FILED}::DATE AND hour = strftime({FILED}, '%H') THEN 'yes' ELSE 'no' END
            AS in_its_partition,
        CASE WHEN cmcd_session_id IS NULL OR cmcd_session_id = session_id THEN 'yes' ELSE 'no' END AS cmcd_agrees
    FROM lake_edge_requests"""  # noqa: S608 (our own names)
COPIES = f"""
    SELECT request_id, count(*) AS copies FROM lake_edge_requests
    WHERE hash(request_id) % greatest(1, (SELECT count(*) FROM lake_edge_requests) // {limits.KEY_ROWS}) = 0
    GROUP BY request_id"""  # noqa: S608
REPORTS = """
    SELECT session_id, edge, seq, segments - max(segments) OVER (PARTITION BY session_id, edge ORDER BY seq) AS fewer
    FROM lake_edge_reports"""
FRAMES = (
    Frame("edge_requests", ("request_id",), REQUESTS),
    Frame("edge_request_copies", ("request_id",), COPIES),
    Frame("edge_reports", ("session_id", "edge", "seq"), REPORTS),
)


def rules() -> tuple[Rule, ...]:
    """The expectations; edges are those of the settings."""
    return (
        Rule("request_is_in_its_partition", "edge_requests", "in_its_partition",
             "requests lie beside the events of their session", among=("yes",)),
        Rule("request_edge_is_known", "edge_requests", "edge",
             "an edge that the settings do not name", among=tuple(settings().edges), tolerated=STRAY),
        Rule("request_origin_is_known", "edge_requests", "origin",
             "who is real is told by it", among=Audience.ALL.origins),
        Rule("request_status_is_possible", "edge_requests", "status", "of HTTP", within=(100, 599), tolerated=STRAY),
        Rule("request_comes_after_its_session", "edge_requests", "after_ms",
             "the clock of an edge is skewed", within=(-limits.SERVER_SKEW_MS, None)),
        Rule("request_cmcd_agrees", "edge_requests", "cmcd_agrees",
             "a player names another session than its token", among=("yes",), tolerated=WARN_ONLY),
        Rule("request_is_there_once", "edge_request_copies", "copies",
             "an edge's log was delivered twice", within=(None, 1), tolerated=WARN_ONLY),
        Rule("report_counts_up", "edge_reports", "fewer",
             "a player counts what came since the session began", within=(0, None), tolerated=WARN_ONLY),
    )  # fmt: skip
