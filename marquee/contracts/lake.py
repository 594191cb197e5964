"""The lake: its folders, and the columns of every table in it, in order, as DuckDB names their types.

A table is a folder of Parquet files below `Settings.lake`. Ids are BIGINT, times are Unix milliseconds (UTC), `dt` is
a date and `hour` two digits, both in the path (`dt=2026-01-31/hour=07`). Every row says by `origin` whether its viewer
is real: demo, account, imported or simulated.

A stream of events (a playback session or a visit) lies whole in one partition: that of the hour in which the server
made its id. So an event that comes late, twice, out of order or from a clock that is wrong lands beside its own, and
what is derived from a stream needs one partition only.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from marquee.contracts.ids import created_ms

STREAM = {
    "version": "INTEGER",
    "seq": "BIGINT",
    "name": "VARCHAR",
    "viewer_time_ms": "BIGINT",  # by the viewer's clock, as it came
    "received_ms": "BIGINT",  # by the server's, when it was acknowledged first
}
VIEWER = {
    "profile_id": "BIGINT",
    "origin": "VARCHAR",
    "device": "VARCHAR",  # tv, desktop, tablet, phone, unknown
    "country": "VARCHAR",  # ISO 3166-1 alpha-2, or ZZ where it is not known
    "isp": "VARCHAR",  # as the operator's proxy names it, or unknown
}


FILED = "filed_ms"  # of rows on their way into a partition: the moment by which it is chosen; no column of a table


@dataclass(frozen=True)
class Table:
    """A table of the lake. `partitions` are the columns that its path holds instead of its files."""

    name: str
    columns: dict[str, str]
    key: tuple[str, ...]
    partitions: tuple[str, ...] = ()


EVENTS = Table(
    "events",  # player events, each (session_id, seq) once a partition has been read with `key` in mind
    {
        "session_id": "BIGINT",
        **STREAM,
        "position_ms": "BIGINT",
        "rendition": "VARCHAR",
        "bitrate": "BIGINT",
        "dropped_frames": "BIGINT",
        "edge": "VARCHAR",
        "error_fatal": "BOOLEAN",
        "error_category": "VARCHAR",
        "error_code": "VARCHAR",
        "error_business": "BOOLEAN",
        **VIEWER,
        "title_id": "BIGINT",
        "release_id": "BIGINT",
        "duration_ms": "BIGINT",  # of the title
    },
    key=("session_id", "seq"),
    partitions=("dt", "hour"),
)
BROWSE = Table(
    "browse",
    {
        "visit_id": "BIGINT",
        **STREAM,
        "row": "VARCHAR",
        "position": "BIGINT",
        "titles": "BIGINT[]",
        "query": "VARCHAR",
        "results": "BIGINT",
        "session_id": "BIGINT",
        "generation": "BIGINT",
        "arm": "VARCHAR",
        **VIEWER,
    },
    key=("visit_id", "seq"),
    partitions=("dt", "hour"),
)
DEAD_LETTERS = Table(
    "dead_letters",  # what was refused, and why; `dt` is the day it came
    {
        "received_ms": "BIGINT",
        "field": "VARCHAR",
        "reason": "VARCHAR",
        "body": "VARCHAR",
        "profile_id": "BIGINT",  # of the stream that the body names; null where it names none that is known
    },
    key=(),
    partitions=("dt",),
)
EDGE_REPORTS = Table(
    "edge_reports",  # what players say came to them from each edge, counted up over the session
    {
        "session_id": "BIGINT",
        "seq": "BIGINT",  # of the event that said so
        "received_ms": "BIGINT",
        "edge": "VARCHAR",
        "segments": "BIGINT",  # pieces of video and sound, initialisation segments among them
        "bytes": "BIGINT",
        **VIEWER,
        "title_id": "BIGINT",
        "release_id": "BIGINT",
        "duration_ms": "BIGINT",
    },
    key=("session_id", "seq", "edge"),
    partitions=("dt", "hour"),
)
EDGE_REQUESTS = Table(
    "edge_requests",  # what edges served: a row per line of their logs, in the partition of its session
    {
        "session_id": "BIGINT",  # of the media token; null without one, for a warm-up, and once its viewer is deleted
        "request_id": "VARCHAR",  # the edge's own, which no other request has
        "at_ms": "BIGINT",  # by the edge's clock, when the answer ended
        "edge": "VARCHAR",
        "method": "VARCHAR",
        "path": "VARCHAR",  # without token and query
        "kind": "VARCHAR",  # video, audio, text, thumbs, art; null for any other path
        "rendition": "VARCHAR",
        "segment": "BIGINT",  # 0 for the initialisation segment
        "status": "BIGINT",
        "bytes": "BIGINT",  # of the body, as sent
        "ms": "BIGINT",  # from the first byte of the request to the last of the answer
        "cache": "VARCHAR",  # HIT, MISS, …; null where no cache was asked
        "upstream_ms": "BIGINT",  # waited for origins; null where none was asked
        "cmcd_version": "BIGINT",  # what follows is the player's word, CTA-5004
        "cmcd_session_id": "BIGINT",  # sid
        "sequence": "BIGINT",  # sn, counted by the player
        "object_duration_ms": "BIGINT",  # d
        "bitrate": "BIGINT",  # br, in bit/s
        "buffer_ms": "BIGINT",  # bl
        "throughput": "BIGINT",  # mtp, in bit/s
        "starved": "BOOLEAN",  # bs: the buffer has run dry since the request before
        "profile_id": "BIGINT",
        "origin": "VARCHAR",
        "title_id": "BIGINT",
    },
    key=("session_id", "request_id"),
    partitions=("dt", "hour"),
)
PLAYBACKS = Table(
    "playbacks",  # one row per playback session; QoE by PLAYBACK's definitions; `dt` is the day its id was made
    {
        "session_id": "BIGINT",
        **VIEWER,
        "title_id": "BIGINT",
        "release_id": "BIGINT",
        "duration_ms": "BIGINT",
        "edge": "VARCHAR",  # the one played from longest, unknown where none was named
        "started_ms": "BIGINT",  # server time at which the session's id was made
        "ended_ms": "BIGINT",  # started_ms + the viewer's time from the first event to the last
        "events": "BIGINT",
        "missing": "BIGINT",  # places in the sequence that never came
        "watched_ms": "BIGINT",  # of the programme, repeats counted again
        "covered_ms": "BIGINT",  # of the programme, each moment once
        "furthest_ms": "BIGINT",
        "first_position_ms": "BIGINT",
        "last_position_ms": "BIGINT",
        "stretches": "STRUCT(from_ms BIGINT, to_ms BIGINT)[]",  # what was watched, merged, in order
        "started": "BOOLEAN",  # a first frame was shown
        "startup_ms": "BIGINT",  # first frame − intent; null where there was none
        "exit_before_start": "BOOLEAN",  # EBVS
        "start_failure": "BOOLEAN",  # VSF
        "fatal": "BOOLEAN",
        "refused": "BOOLEAN",  # a business refusal, which is no failure
        "play_ms": "BIGINT",  # the viewer's time while pictures moved
        "rebuffer_ms": "BIGINT",  # start-up and seeks excluded
        "rebuffers": "BIGINT",
        "bitrate_ms": "DOUBLE",  # Σ bitrate × play time: divide by rated_ms for the mean
        "rated_ms": "BIGINT",  # play time with a known bitrate
        "dropped_frames": "BIGINT",
        "rendition_changes": "BIGINT",
        "clean_end": "BOOLEAN",  # ended or viewend came
    },
    key=("session_id",),
    partitions=("dt",),
)
SESSIONS = Table(
    "sessions",  # ViewingSession: playbacks of one title by one profile, no pause longer than half an hour
    {
        "viewing_session_id": "BIGINT",  # the id of its first playback session
        "profile_id": "BIGINT",
        "title_id": "BIGINT",
        "origin": "VARCHAR",
        "country": "VARCHAR",  # of the first playback, as the device is
        "device": "VARCHAR",
        "devices": "BIGINT",
        "playbacks": "BIGINT",
        "started_ms": "BIGINT",
        "ended_ms": "BIGINT",
        "watched_ms": "BIGINT",
        "covered_ms": "BIGINT",
        "first_position_ms": "BIGINT",
        "last_position_ms": "BIGINT",
        "furthest_ms": "BIGINT",
        "duration_ms": "BIGINT",
        "completion": "DOUBLE",  # covered / duration, at most 1
        "completed": "BOOLEAN",  # from 90 %
    },
    key=("viewing_session_id",),
    partitions=("dt",),
)
HISTORY = Table(
    "history",  # what `marquee import-history` took; partitioned by the name of its source
    {
        "profile_id": "BIGINT",
        "title_id": "BIGINT",
        "at_ms": "BIGINT",
        "watched_ms": "BIGINT",  # null where the source has ratings
        "rating": "DOUBLE",  # 0.5 to 5; null where the source has seconds
        "origin": "VARCHAR",
    },
    key=("profile_id", "title_id", "at_ms"),
    partitions=("source",),
)
INTERACTIONS = Table(
    "interactions",  # profile × title, of sessions and imported history
    {
        "profile_id": "BIGINT",
        "title_id": "BIGINT",
        "origin": "VARCHAR",
        "first_ms": "BIGINT",
        "last_ms": "BIGINT",
        "sessions": "BIGINT",
        "watched_ms": "BIGINT",
        "completion": "DOUBLE",  # the best of its sessions; null for ratings
        "rating": "DOUBLE",  # the latest; null for viewing
        "weight": "DOUBLE",  # Σ strength × ½^(age / half-life); see spark_jobs/interactions.py
    },
    key=("profile_id", "title_id"),
)
COWATCH = Table(
    "cowatch",  # title pairs, both ways; of the viewers who count (`Settings.counted`)
    {
        "title_id": "BIGINT",
        "other_id": "BIGINT",
        "viewers": "BIGINT",  # who watched both
        "cosine": "DOUBLE",  # viewers / √(viewers of one × viewers of the other)
    },
    key=("title_id", "other_id"),
)
PAYMENTS = Table(
    "payments",  # one row per attempt at charging a subscription: a snapshot of the catalogue, and of simulated viewers
    {
        "payment_id": "VARCHAR",  # the provider's own, by which its record is found; hashes may meet
        "account_id": "BIGINT",  # a simulated viewer's is its profile's; a deleted one's leads nowhere
        "origin": "VARCHAR",
        "plan": "VARCHAR",
        "period_start_ms": "BIGINT",
        "period_end_ms": "BIGINT",
        "amount_minor": "BIGINT",  # in the currency's smallest unit
        "currency": "VARCHAR",
        "status": "VARCHAR",  # paid, failed, refunded
        "at_ms": "BIGINT",
    },
    key=("payment_id",),
    partitions=("source",),
)
SUBSCRIPTION_CHANGES = Table(
    "subscription_changes",  # each change of an account's plan or state, from where payments are
    {
        "change_id": "BIGINT",
        "account_id": "BIGINT",
        "origin": "VARCHAR",
        "provider": "VARCHAR",  # who made it: trial, staff, simulation or a payment provider
        "from_plan": "VARCHAR",  # null before the first, as the state is
        "from_state": "VARCHAR",
        "plan": "VARCHAR",
        "state": "VARCHAR",  # contracts.plans.SubscriptionState
        "at_ms": "BIGINT",
        "ends_ms": "BIGINT",  # of a trial that nothing has followed yet: when it is over; null for all else
    },
    key=("change_id",),
    partitions=("source",),
)
LEAST_ASKERS = 5  # a query that fewer people asked may be about one of them, and is told nobody
SEARCH_MISSES = Table(
    "search_misses",  # a snapshot of the catalogue: searches without an answer that several people made, by day
    {
        "day_ms": "BIGINT",  # its first moment
        "query": "VARCHAR",  # folded
        "territory": "VARCHAR",
        "language": "VARCHAR",  # that was asked for first, und where none was
        "times": "BIGINT",
        "askers": "BIGINT",  # a bit set by each who asked: so many bits, so many people at least
    },
    key=("day_ms", "query", "territory", "language"),
    partitions=("source",),
)
TITLES = Table(
    "titles",  # a snapshot of the catalogue, and of titles that only a simulation or an imported history knows
    {
        "title_id": "BIGINT",
        "slug": "VARCHAR",
        "name": "VARCHAR",
        "kind": "VARCHAR",
        "language": "VARCHAR",
        "year": "BIGINT",
        "maturity_rating": "VARCHAR",
        "genres": "VARCHAR[]",
        "people": "VARCHAR[]",
        "countries": "VARCHAR[]",
        "series": "VARCHAR",
        "duration_ms": "BIGINT",
        "published_ms": "BIGINT",
        "available_until_ms": "BIGINT",  # null: no end
        "origin": "VARCHAR",  # catalogue, simulated, imported
    },
    key=("title_id",),
    partitions=("source",),
)
PROFILES = Table(
    "profiles",
    {
        "profile_id": "BIGINT",
        "origin": "VARCHAR",
        "languages": "VARCHAR[]",
        "kids": "BOOLEAN",
        "device": "VARCHAR",  # the most used, unknown at first
        "country": "VARCHAR",
        "traits": "VARCHAR[]",  # further features as name=value, e.g. of an imported history
        "picks": "BIGINT[]",  # titles chosen at onboarding
        "created_ms": "BIGINT",
    },
    key=("profile_id",),
    partitions=("source",),
)
OPINIONS = Table(
    "opinions",  # a snapshot of the catalogue: what profiles think of titles now
    {
        "profile_id": "BIGINT",
        "title_id": "BIGINT",
        "origin": "VARCHAR",
        "thumb": "VARCHAR",  # up, down, or null for none
        "hidden": "BOOLEAN",
        "at_ms": "BIGINT",  # when it was changed last
    },
    key=("profile_id", "title_id"),
    partitions=("source",),
)
STREAMED = (EVENTS, BROWSE, EDGE_REPORTS, EDGE_REQUESTS)  # filed by the id of the stream that they belong to
TABLES = {
    table.name: table
    for table in (
        EVENTS, BROWSE, DEAD_LETTERS, EDGE_REPORTS, EDGE_REQUESTS, PLAYBACKS, SESSIONS, HISTORY,
        INTERACTIONS, COWATCH, PAYMENTS, SUBSCRIPTION_CHANGES, SEARCH_MISSES, TITLES, PROFILES, OPINIONS,
    )
}  # fmt: skip


def partition_of(stream_id: int) -> tuple[str, str]:
    """`dt` and `hour` of the partition that holds a stream, from the id of its session or visit."""
    made = datetime.fromtimestamp(created_ms(stream_id) / 1000, UTC)
    return made.strftime("%Y-%m-%d"), made.strftime("%H")
