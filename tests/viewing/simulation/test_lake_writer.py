"""The simulated world in the lake: the same again changes nothing, another one takes its place."""

from dataclasses import replace
from datetime import date

import pyarrow.parquet as pq
import pytest

from marquee.settings import settings
from marquee.viewing import lake
from marquee.viewing.simulation import lake_writer
from marquee.viewing.simulation.lake_writer import write
from marquee.viewing.simulation.spec import Spec

SPEC = Spec(viewers=12, titles=20, days=3, start=date(2026, 3, 2), seed=4, visits=0.9)


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("MARQUEE_HOME", str(tmp_path))
    settings.cache_clear()
    yield tmp_path
    settings.cache_clear()


def contents():
    store = lake.store()
    return {key: store.read(key) for key in store.keys("")}


def test_twice_is_once():
    first = write(SPEC)
    before = contents()
    assert write(SPEC) == first
    assert contents() == before
    assert set(first.shipment.files) == {key for key in before if not key.startswith("_")}
    assert [shipment.id for shipment in lake.shipments()] == [first.shipment.id]


def test_profiles_are_those_who_watch():
    result = write(SPEC)
    store = lake.store()
    watching = {
        profile
        for key in store.keys("events")
        for profile in pq.read_table(store.fetch(key), partitioning=None)["profile_id"].to_pylist()
    }
    assert watching <= {persona.id for persona in result.profiles}
    assert all(persona.name and persona.languages and persona.device for persona in result.profiles)


def test_a_run_that_was_killed_can_be_run_again(monkeypatch):
    whole, write_hour = write(SPEC), lake_writer._write_hour
    expected = contents()
    lake.store().delete("events")
    lake.store().delete("_shipments")
    calls = []

    def dying(*args):
        calls.append(args)
        if len(calls) > 10:
            raise KeyboardInterrupt
        return write_hour(*args)

    monkeypatch.setattr(lake_writer, "_write_hour", dying)
    with pytest.raises(KeyboardInterrupt):
        write(SPEC)
    assert not list(lake.shipments())  # nobody is told of half a world
    lake.store().write(next(iter(whole.shipment.files)).rpartition("/")[0] + "/.simulated-4.parquet.d1e", b"half")
    monkeypatch.undo()
    monkeypatch.setenv("MARQUEE_HOME", str(settings().home))
    again = write(SPEC)
    assert again.shipment.partitions == whole.shipment.partitions
    found = contents()
    assert {k: v for k, v in found.items() if k[0] != "_"} == {k: v for k, v in expected.items() if k[0] != "_"}


def test_another_world_of_the_seed_takes_the_place_of_the_first():
    first = write(SPEC)
    shorter = write(replace(SPEC, days=1, viewers=3))
    assert {key for key in contents() if not key.startswith("_")} == set(shorter.shipment.files)
    assert shorter.shipment.id > first.shipment.id
    days = shorter.shipment.partitions["events"]
    assert set(first.shipment.partitions["events"]) <= set(days)  # what was derived from them is due anew
    back = write(SPEC)
    assert back.shipment.id > shorter.shipment.id


def test_worlds_of_other_seeds_stay():
    first, second = write(SPEC), write(replace(SPEC, seed=5))
    assert set(first.shipment.files).isdisjoint(second.shipment.files)
    assert all(lake.store().exists(key) for key in first.shipment.files)
