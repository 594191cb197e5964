"""Which days the marts are to be made anew for."""

from datetime import date

import pytest

from marquee import lake
from marquee.contracts.shipment import Shipment
from marquee.settings import settings
from marquee.viewing import due


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
    assert not due.due().anything


def test_every_day_that_was_shipped_is_due_once():
    ship(1, "2026-01-02", "2026-01-01")
    ship(2, "2026-01-03", table="browse")
    found = due.due()
    assert found.days == (date(2026, 1, 1), date(2026, 1, 2), date(2026, 1, 3))
    due.done(found)
    assert not due.due().anything


def test_what_is_shipped_meanwhile_is_due_the_next_time():
    ship(1, "2026-01-01")
    found = due.due()
    ship(2, "2026-01-05")
    due.done(found)
    assert due.due().days == (date(2026, 1, 5),)


def test_a_run_that_never_ended_leaves_everything_due():
    ship(1, "2026-01-01")
    assert due.due() == due.due()


def test_a_shipment_that_appears_behind_a_later_one_is_due_all_the_same():
    ship(2, "2026-01-02")
    due.done(due.due())
    ship(1, "2026-01-01")  # its id was made first
    assert due.due().days == (date(2026, 1, 1),)


def test_an_older_run_that_ends_late_makes_nothing_due_again():
    ship(1, "2026-01-01")
    old = due.due()
    ship(2, "2026-01-02")
    due.done(due.due())
    due.done(old)
    assert not due.due().anything


def test_a_backfill_makes_its_days_and_nothing_else_is_done():
    ship(1, "2026-01-01")
    period = due.period(date(2026, 2, 27), date(2026, 3, 1))
    assert period.days == (date(2026, 2, 27), date(2026, 2, 28), date(2026, 3, 1))
    due.done(period)
    assert due.due().days == (date(2026, 1, 1),)


def test_a_deleted_viewer_asks_for_marts_made_from_nothing():
    ship(1, "2026-01-01")
    assert not due.due().whole
    ship(2, "2026-01-01", source="scrub")
    assert due.due().whole
