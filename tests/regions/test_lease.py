"""A primary is sure of a majority, and of nobody's clock."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from marquee.regions import system_settings
from marquee.regions.lease import Lease

BASE = datetime(2026, 1, 1, tzinfo=UTC)


def report(n: int) -> datetime:
    return BASE + timedelta(seconds=n)


@pytest.mark.parametrize(("regions", "needed"), [(1, 0), (2, 1), (3, 1), (4, 2), (5, 2)])
def test_a_primary_and_those_that_it_needs_are_more_than_half(regions: int, needed: int) -> None:
    assert Lease(regions, 6).needed == needed
    assert 2 * (1 + needed) > regions >= 2 * needed


def test_only_a_report_that_is_new_renews_it() -> None:
    lease = Lease(3, 6)
    lease.hear({"us": report(0)}, 100)  # it may be as old as it likes
    assert not lease.holds(100)
    lease.hear({"us": report(1)}, 101)
    assert lease.holds(101)
    assert lease.holds(106.9)
    lease.hear({"us": report(1)}, 106.9)  # the connection stands, and nothing comes
    assert not lease.holds(107)
    lease.hear({"us": report(-1000)}, 108)  # its clock was set back: it is there
    assert lease.holds(108)


def test_one_of_five_is_not_enough() -> None:
    lease = Lease(5, 6)
    for n in range(3):
        lease.hear({"us": report(n)}, float(n))
    assert not lease.holds(2)
    lease.hear({"us": report(3), "ap": report(0)}, 3)
    lease.hear({"us": report(4), "ap": report(1)}, 4)
    assert lease.holds(4)
    assert not lease.holds(10)


def test_settings_of_a_stopped_server(tmp_path: Path) -> None:
    path = tmp_path / system_settings.AUTO
    path.write_text("# Do not edit\nwork_mem = '8MB'\nmarquee.fence = 'operator'\n")
    system_settings.change_stopped(tmp_path, {"primary_conninfo": "host='it''s'"}, reset=["marquee.fence"])
    assert system_settings.of_stopped(tmp_path, "primary_conninfo") == "host='it''s'"
    assert system_settings.of_stopped(tmp_path, "marquee.fence") == ""
    system_settings.change_stopped(tmp_path, {"work_mem": "1MB"})
    assert path.read_text().count("work_mem") == 1
    assert system_settings.of_stopped(tmp_path, "work_mem") == "1MB"
    assert path.read_text().startswith("# Do not edit")
