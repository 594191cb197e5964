"""The jobs on a lake: the same bytes every time, days by themselves, whole whatever kills them."""

import random
from concurrent.futures import ThreadPoolExecutor

import pytest

from marquee.contracts.errors import InvalidInput
from marquee.contracts.lake import PLAYBACKS
from marquee.settings import settings
from marquee.storage import Store
from marquee.viewing import lake
from spark_jobs import tables
from spark_jobs.jobs import JOBS, run
from tests.spark_jobs.lakes import CHAIN, DAYS, content, ship
from tests.spark_jobs.streams import midnight_ms, viewing, wild


@pytest.fixture
def events():
    rng = random.Random(5)
    return [row for number in range(150) for row in wild(rng, number)]


@pytest.fixture
def elsewhere(monkeypatch, tmp_path):
    """Switch to another, empty lake."""

    def switch(name):
        monkeypatch.setenv("MARQUEE_HOME", str(tmp_path / name))
        settings.cache_clear()

    return switch


def test_all_jobs_twice_give_the_same_bytes(lake_home, events):
    days = ship("a", events)
    with ThreadPoolExecutor(1) as pool:  # as a task of Airflow's may do
        report = pool.submit(run, list(JOBS), days).result()
    first = content()
    assert {key.split("/")[0] for key in first} == set(JOBS)
    assert set(first) == {key for keys in report.written.values() for key in keys}
    run(list(reversed(JOBS)), days)
    assert content() == first


def test_late_events_in_other_files_give_what_all_at_once_gives(lake_home, events, elsewhere):
    random.Random(6).shuffle(events)
    early, late = events[: len(events) // 2], events[len(events) // 2 :]
    late = [row for row in late if row["session_id"] % 3]  # some sessions get nothing late
    run(CHAIN, ship("a", early))
    run(CHAIN, ship("b", [*late, *early[:50]]))
    in_steps = content()
    elsewhere("other")
    run(CHAIN, ship("c", [*early, *late]))
    assert content() == in_steps


def test_only_what_changed_is_made_anew(lake_home):
    plain = [row for number, day in enumerate(DAYS) for row in viewing(midnight_ms(day), number, 60)]
    run(CHAIN, ship("a", plain))
    touched = {key: lake.store().fetch(key).stat().st_ino for key in content()}
    run(CHAIN, ship("b", viewing(midnight_ms(DAYS[3]) + 10**7, 77, 60)))
    again = {key for key in content() if lake.store().fetch(key).stat().st_ino != touched[key]}
    assert again == {f"playbacks/dt={DAYS[3]}/part-0.parquet"} | {f"sessions/dt={d}/part-0.parquet" for d in DAYS[2:]}
    lake.store().delete(f"events/dt={DAYS[0]}")
    run(CHAIN, [DAYS[0]])
    assert not any(str(DAYS[0]) in key for key in content())
    assert len(content()) == 6


def test_cut_short_between_partitions_and_run_again(lake_home, spark, events, monkeypatch, elsewhere):
    run(CHAIN, ship("a", events))
    whole = content()
    elsewhere("cut")
    days = ship("a", events)
    lake.store().write(f"{tables.STAGING}/playbacks/old/part.parquet", b"left by a run that was killed")
    write, done = Store.write, []

    def dies(self, key, data):
        if len(done) == 2:
            raise KeyboardInterrupt
        done.append(key)
        write(self, key, data)

    monkeypatch.setattr(Store, "write", dies)
    with pytest.raises(KeyboardInterrupt):
        run(CHAIN, days)
    monkeypatch.setattr(Store, "write", write)
    assert {key: whole[key] for key in done} == content()  # what stands is whole
    run(CHAIN, days)
    assert content() == whole
    assert not list(lake.store().keys(tables.STAGING))


def test_refusals(lake_home, spark, frame):
    with pytest.raises(InvalidInput, match="no such job"):
        run(["plybacks"], [])
    row = dict.fromkeys(PLAYBACKS.columns) | {"session_id": 1, "started_ms": midnight_ms(DAYS[1])}
    rows = frame(PLAYBACKS, [row]).selectExpr("*", f"'{DAYS[1]}' as dt")
    with pytest.raises(InvalidInput, match=f"expected {DAYS[0]}; got dt={DAYS[1]}"):
        tables.replace(PLAYBACKS, rows, [DAYS[0]])
