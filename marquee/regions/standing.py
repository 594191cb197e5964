"""What a region's PostgreSQL says of itself: whether it takes writes, how far it is, whom it follows."""

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.rows import dict_row

from marquee.contracts.errors import InvalidInput, NotFound, Unavailable
from marquee.settings.database_url import CONNECT_S, CUT_MS
from marquee.settings.regions import Region

# A primary's timeline is that of what it writes now; a standby's that of what it has received (PostgreSQL, "Backup
# Control Functions", "Control Data Functions", pg_stat_wal_receiver).
LOOK = """
    select recovers as standby,
           current_setting('default_transaction_read_only')::bool as read_only,
           coalesce(current_setting('marquee.fence', true), '') as fence,
           coalesce(current_setting('marquee.alone', true), '') = 'on' as alone,
           case when recovers
                then greatest(receiver.received_tli, (pg_control_recovery()).min_recovery_end_timeline,
                              (pg_control_checkpoint()).timeline_id)
                else ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int end as timeline,
           coalesce(pg_wal_lsn_diff(case when recovers
                                    then greatest(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn())
                                    else pg_current_wal_lsn() end, '0/0'), 0)::bigint as position,
           case when receiver.status = 'streaming' then receiver.sender_host || ':' || receiver.sender_port
                else '' end as follows,
           case when recovers and pg_last_wal_receive_lsn() <> pg_last_wal_replay_lsn()
                then extract(epoch from now() - pg_last_xact_replay_timestamp())::float else 0 end as behind_s
    from pg_is_in_recovery() recovers left join pg_stat_wal_receiver receiver on true
"""


@dataclass(frozen=True)
class Standing:
    """One moment of a region's server; `answers` is False where nothing else is known.

    `fence` says why it takes no writes: `start` until a majority follows, `lease` when that was lost, `operator`.
    `alone` is a primary that was told to take writes without a majority. `position` is in bytes of WAL; `follows` is
    the region from which it streams.
    """

    region: str
    answers: bool = False
    standby: bool = False
    read_only: bool = False
    fence: str = ""
    alone: bool = False
    timeline: int = 0
    position: int = 0
    follows: str = ""
    behind_s: float | None = 0.0

    @property
    def primary(self) -> bool:
        """Whether it is no copy of another one, be it fenced or not."""
        return self.answers and not self.standby

    @property
    def takes_writes(self) -> bool:
        return self.primary and not self.read_only

    @property
    def progress(self) -> tuple[int, int]:
        """How far it is: a later timeline is ahead of every position of an earlier one."""
        return self.timeline, self.position

    @property
    def role(self) -> str:
        """For people: primary, standby, fenced (and why), away."""
        if not self.answers:
            return "away"
        if self.standby:
            return "standby"
        return f"fenced ({self.fence})" if self.read_only else "primary"


@contextmanager
def connect(region: Region) -> "Iterator[psycopg.Connection[dict[str, Any]]]":
    """A connection to one region's server that gives up soon. Raises Unavailable, at once or when it is cut off."""
    url = f"{region.database.partition('?')[0]}/postgres{_query(region.database)}"
    try:
        with psycopg.connect(
            url, autocommit=True, row_factory=dict_row, connect_timeout=CONNECT_S, tcp_user_timeout=CUT_MS
        ) as connection:
            yield connection
    except psycopg.OperationalError as error:
        raise Unavailable("PostgreSQL does not answer", where="{}:{}".format(*region.server)) from error


def look(name: str, regions: Mapping[str, Region]) -> Standing:
    """What a region's server says now."""
    try:
        with connect(regions[name]) as connection:
            return _read(name, connection, regions)
    except (psycopg.Error, Unavailable):
        return Standing(name)


def look_at_all(regions: Mapping[str, Region]) -> dict[str, Standing]:
    """The same of all regions, asked at the same time."""
    with ThreadPoolExecutor(max_workers=max(1, len(regions))) as pool:
        return dict(zip(regions, pool.map(lambda name: look(name, regions), regions), strict=True))


def require_any(regions: dict[str, Region]) -> dict[str, Region]:
    """The regions. Raises InvalidInput where the settings name none."""
    if not regions:
        raise InvalidInput("there are no regions", where="MARQUEE_REGIONS", expected="a JSON object of regions")
    return regions


def require(name: str, regions: Mapping[str, Region]) -> Region:
    """A region by its name. Raises NotFound."""
    if name not in regions:
        raise NotFound("no such region", where="region", expected=", ".join(regions), got=name)
    return regions[name]


def _read(name: str, connection: "psycopg.Connection[dict[str, Any]]", regions: Mapping[str, Region]) -> Standing:
    row = connection.execute(LOOK).fetchone() or {}
    by_server = {"{}:{}".format(*region.server): region_name for region_name, region in regions.items()}
    follows = by_server.get(row["follows"], row["follows"])
    return Standing(name, answers=True, **{**row, "follows": follows})


def _query(url: str) -> str:
    query = url.partition("?")[2]
    return f"?{query}" if query else ""
