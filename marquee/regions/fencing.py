"""Fences a primary: it takes no writes any more, and who was writing is cut off."""

from typing import Any

import psycopg

from marquee.contracts.errors import Conflict, Unavailable
from marquee.embedded.processes import wait_until
from marquee.regions import system_settings
from marquee.regions.standing import connect
from marquee.settings.regions import Region

START, LEASE, OPERATOR = "start", "lease", "operator"
SHUT = {"default_transaction_read_only": "on"}
OPEN = {"default_transaction_read_only": "off", "marquee.fence": ""}
RELOAD_S = 5.0
CUT = """
    select count(pg_terminate_backend(pid)) as cut from pg_stat_activity
    where backend_type = 'client backend' and pid <> pg_backend_pid()
"""


def fence(region: Region, why: str = OPERATOR) -> None:
    """Make a region's server refuse writes; it answers reads. No change that it acknowledges from now on is lost.

    May be repeated. Raises Unavailable where it is away, Conflict where it is a standby, which takes none anyway.
    """
    with connect(region) as connection:
        if _recovers(connection):
            raise Conflict("a standby takes no writes", where="{}:{}".format(*region.server), expected="a primary")
        system_settings.change(connection, {**SHUT, "marquee.fence": why})
        # A session keeps what it was begun with, so all that began before new ones are read-only are ended.
        if not wait_until(lambda: _new_sessions(region) == "on", RELOAD_S):
            raise Unavailable("the server has not read its new settings", where="{}:{}".format(*region.server))
        connection.execute(CUT)


def open_to_writes(region: Region) -> None:
    """Let a primary take writes. May be repeated. Raises Unavailable where it is away."""
    with connect(region) as connection:
        system_settings.change(connection, OPEN)
    if not wait_until(lambda: _new_sessions(region) == "off", RELOAD_S):
        raise Unavailable("the server has not read its new settings", where="{}:{}".format(*region.server))


def alone(region: Region) -> None:
    """Let a primary take writes without a majority, until one follows it: for when most regions are lost for good."""
    with connect(region) as connection:
        system_settings.change(connection, {**OPEN, "marquee.alone": "on", "synchronous_standby_names": ""})


def with_the_others(region: Region) -> None:
    """End that: the majority counts again."""
    with connect(region) as connection:
        connection.execute("alter system reset synchronous_standby_names")
        system_settings.change(connection, {"marquee.alone": ""})


def _new_sessions(region: Region) -> str:
    with connect(region) as connection:
        row = connection.execute("show default_transaction_read_only").fetchone() or {}
    return str(row["default_transaction_read_only"])


def _recovers(connection: "psycopg.Connection[dict[str, Any]]") -> bool:
    row = connection.execute("select pg_is_in_recovery() as recovers").fetchone() or {}
    return bool(row["recovers"])
