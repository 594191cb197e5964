"""Which days the marts are to be made anew for."""

from datetime import date

import pytest

from marquee.contracts.shipment import Shipment
from marquee.settings import settings
from marquee.viewing import lake
from marquee.viewing.pipeline import changed_partitions


@pytest.fixture(autouse=True)
def _home(tmp_path, monkeypatch):
    monkeypatch.setenv("MARQUEE_HOME", str(tmp_path))
    settings.cache_clear()
    yield
    settings.cache_clear()


def ship(number: int, *days: str, source: str = "log", table: str = "events") -> None:
    lake.commit(
        Shipment(id=f"{number:020d}-{source}", source=source, files=(), rows={}, partitions={table: tuple(days)})
    )


def test_nothing_is_due_in_an_empty_lake():
    assert not changed_partitions.due().anything


def test_every_day_that_was_shipped_is_due_once():
    ship(1, "2026-01-02", "2026-01-01")
    ship(2, "2026-01-03", table="browse")
    found = changed_partitions.due()
    assert found.days == (date(2026, 1, 1), date(2026, 1, 2), date(2026, 1, 3))
    changed_partitions.done(found)
    assert not changed_partitions.due().anything


def test_what_is_shipped_meanwhile_is_due_the_next_time():
    ship(1, "2026-01-01")
    found = changed_partitions.due()
    ship(2, "2026-01-05")
    changed_partitions.done(found)
    assert changed_partitions.due().days == (date(2026, 1, 5),)


def test_a_run_that_never_ended_leaves_everything_due():
    ship(1, "2026-01-01")
    assert changed_partitions.due() == changed_partitions.due()


def test_a_shipment_that_appears_behind_a_later_one_is_due_all_the_same():
    ship(2, "2026-01-02")
    changed_partitions.done(changed_partitions.due())
    ship(1, "2026-01-01")  # its id was made first
    assert changed_partitions.due().days == (date(2026, 1, 1),)


def test_an_older_run_that_ends_late_makes_nothing_due_again():
    ship(1, "2026-01-01")
    old = changed_partitions.due()
    ship(2, "2026-01-02")
    changed_partitions.done(changed_partitions.due())
    changed_partitions.done(old)
    assert not changed_partitions.due().anything


def test_a_backfill_makes_its_days_and_nothing_else_is_done():
    ship(1, "2026-01-01")
    period = changed_partitions.period(date(2026, 2, 27), date(2026, 3, 1))
    assert period.days == (date(2026, 2, 27), date(2026, 2, 28), date(2026, 3, 1))
    changed_partitions.done(period)
    assert changed_partitions.due().days == (date(2026, 1, 1),)


def test_a_deleted_viewer_asks_for_marts_made_from_nothing():
    ship(1, "2026-01-01")
    assert not changed_partitions.due().whole
    ship(2, "2026-01-01", source="scrub")
    assert changed_partitions.due().whole
