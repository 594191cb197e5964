"""PostgreSQL: its standbys, its connections, and how old its oldest transaction is."""

from collections.abc import Iterator

from prometheus_client import Metric
from sqlalchemy import text

from marquee.catalogue.database import begin
from marquee.monitoring.parts import gauge, rows, single

STANDBYS = text("""
    select application_name, coalesce(extract(epoch from replay_lag), 0),
        coalesce(pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn), 0)
    from pg_stat_replication where state = 'streaming'
""")
RECOVERY = text("select pg_is_in_recovery(), extract(epoch from now() - pg_last_xact_replay_timestamp())")
ACTIVITY = text("""
    select count(*), current_setting('max_connections')::int,
        coalesce(extract(epoch from now() - min(xact_start) filter (where backend_type = 'client backend')), 0)
    from pg_stat_activity
""")


def read() -> Iterator[Metric]:
    """`marquee_database_…`. A standby asked itself tells since when it has replayed nothing."""
    lag = gauge("database_replication_lag_seconds", "By which a standby is behind", "standby")
    behind = gauge("database_replication_lag_bytes", "Log that a standby has not replayed", "standby")
    with begin() as session:
        recovering, replayed = rows(session, RECOVERY)[0]
        connections, most, oldest = rows(session, ACTIVITY)[0]
        standbys = [] if recovering else rows(session, STANDBYS)
    for name, seconds, size in standbys:
        lag.add_metric([name], float(seconds))
        behind.add_metric([name], float(size))
    if recovering and replayed is not None:
        lag.add_metric(["self"], float(replayed))
    yield from (lag, behind)
    yield single("database_standbys", "Standbys that stream", len(standbys))
    yield single("database_connections", "Connections of all databases", connections)
    yield single("database_connections_max", "How many there may be", most)
    yield single("database_transaction_age_seconds", "Of the oldest that is under way", float(oldest))
