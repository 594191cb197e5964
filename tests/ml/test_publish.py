"""Publishing: readers see one generation, whole, whatever happens to the publisher."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import psycopg
import pytest

from marquee.catalogue import generations, recommendations
from marquee.catalogue.database import begin, engine
from marquee.catalogue.models import DeletedProfile
from marquee.contracts.errors import Conflict
from marquee.settings import settings
from ml import pg_copy
from ml.publish import Answers, publish

pytestmark = pytest.mark.usefixtures("catalogue", "swept")
PROFILES, TITLES = 300, 40
Block = np.ndarray[Any, Any]


@pytest.fixture
def swept(catalogue: None) -> Iterator[None]:
    """No partition outlives its test."""
    yield
    with psycopg.connect(settings().database().replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("drop schema if exists published cascade")


def answers(model: str, shift: int = 0, stop: Callable[[], None] = lambda: None) -> Answers:
    """Every profile is told all titles, beginning at a place that depends on the model; row 7 gets three."""

    def recommend(rows: Block, count: int) -> Block:
        stop()
        columns = (rows[:, None] + shift + np.arange(min(count, TITLES))) % TITLES
        columns[rows == 7, 3:] = -1
        return columns.astype(np.int32)

    def similar(count: int) -> Block:
        return ((np.arange(TITLES)[:, None] + 1 + shift + np.arange(count)) % TITLES).astype(np.int32)

    return Answers(model, np.arange(PROFILES) + 1000, np.arange(TITLES) + 50, recommend, similar)


def served(profile_id: int) -> tuple[int | None, list[int]]:
    with begin() as session:
        return recommendations.recommended(session, profile_id)


def tables() -> list[str]:
    with begin() as session:
        rows = session.connection().exec_driver_sql("select tablename from pg_tables where schemaname = 'published'")
        return sorted(row[0] for row in rows)


def test_a_profile_gets_its_own_titles_in_their_order_and_a_stranger_none() -> None:
    assert served(1005) == (None, [])
    generation = publish(answers("m/1"))
    assert served(1005) == (generation, [50 + (5 + n) % TITLES for n in range(TITLES)])
    assert served(1007) == (generation, [57, 58, 59])
    assert served(5) == (generation, [])
    with begin() as session:
        assert recommendations.similar(session, [50, 51, 999]) == {
            50: [51 + n if n < 39 else 50 + (n + 1) % TITLES for n in range(50)],
            51: [50 + (2 + n) % TITLES for n in range(50)],
        }
        live = recommendations.live_generation(session)
        assert live is not None
        assert (live.profiles, live.titles, live.model) == (PROFILES, TITLES, "m/1")


def test_lists_of_any_length_arrive_as_they_were() -> None:
    lists = np.array([[3, 2, 1], [-1, -1, -1], [9, -1, -1], [2**62, 5, -1]], np.int64)
    with generations.publisher() as connection:
        generations.create(connection, 77, model="m", audience="all")
        generations.load(connection, "recommendations", 77, pg_copy.stream(77, [(np.array([1, 2, 3, 4]), lists)]))
        found = connection.execute("select profile_id, title_ids from recommendations order by 1").fetchall()
    assert found == [(1, [3, 2, 1]), (2, []), (3, [9]), (4, [2**62, 5])]


def test_two_generations_are_kept_and_going_back_is_a_switch() -> None:
    made = [publish(answers(f"m/{n}", n)) for n in (1, 2, 3)]
    assert tables() == sorted(f"{parent}_{n}" for n in made[1:] for parent in generations.PARENTS)
    assert publish(answers("m/2", 99)) == made[1]
    assert served(1000)[1][0] == 52
    with begin() as session:
        assert recommendations.similar(session, [50], generation_id=made[2])[50][0] == 54


def test_readers_never_see_two_generations_at_once() -> None:
    publish(answers("m/0", 0))
    over, wrong, reads = threading.Event(), [], []

    def read() -> None:
        while not over.is_set():
            with begin() as session:
                generation, titles = recommendations.recommended(session, 1020)
                alike = recommendations.similar(session, [50], generation_id=generation).get(50)
            if alike and titles[0] - 50 != (20 + alike[0] - 51) % TITLES:
                wrong.append((titles[0], alike[0]))
            reads.append(generation)

    readers = [threading.Thread(target=read) for _ in range(4)]
    for reader in readers:
        reader.start()
    try:
        made = [publish(answers(f"m/{n}", n)) for n in range(1, 9)]
    finally:
        over.set()
    for reader in readers:
        reader.join()
    assert not wrong
    assert len(set(reads) & set(made)) >= 3


def test_a_deleted_viewer_is_not_published_even_if_deleted_meanwhile() -> None:
    with begin() as session:
        session.add(DeletedProfile(profile_id=1001))

    def forget_another() -> None:
        with begin() as session:
            session.merge(DeletedProfile(profile_id=1002))

    publish(answers("m/1", stop=forget_another))
    assert (served(1001)[1], served(1002)[1]) == ([], [])
    assert served(1003)[1]
    with begin() as session:
        live = recommendations.live_generation(session)
        assert live is not None
        assert live.profiles == PROFILES - 1  # of the first nothing was even computed
        assert recommendations.delete_profiles(session, [1003, 1004, 5]) == 2
    assert served(1003)[1] == []


def test_only_one_may_publish_at_a_time() -> None:
    with generations.publisher(), pytest.raises(Conflict), generations.publisher(patience_s=0.1):
        pass
    assert publish(answers("m/1"))


def test_a_partition_whose_detaching_was_interrupted_goes_too() -> None:
    made = [publish(answers(f"m/{n}", n)) for n in range(2)]
    url, part = settings().database().replace("+psycopg", ""), f"published.recommendations_{made[0]}"
    with psycopg.connect(url) as reader, psycopg.connect(url, autocommit=True) as publisher:
        reader.execute("select count(*) from recommendations").fetchone()
        publisher.execute("set statement_timeout = '300ms'")
        with pytest.raises(psycopg.errors.QueryCanceled):
            publisher.execute(f"alter table recommendations detach partition {part} concurrently".encode())
    last = publish(answers("m/2", 2))
    assert tables() == sorted(f"{parent}_{n}" for n in (made[1], last) for parent in generations.PARENTS)


def _killed_in(step: str) -> None:
    """In a process of its own: die at once where `step` begins."""
    engine().dispose(close=False)  # its parent's connections stay its parent's

    def die(*_: Any, **__: Any) -> Any:
        os.kill(os.getpid(), signal.SIGKILL)

    if step == "recommend":
        publish(answers("m/2", 2, stop=die))
    setattr(generations, step, die)
    publish(answers("m/2", 2))


@pytest.mark.parametrize("step", ["create", "recommend", "load", "switch", "_drop"])
def test_killed_anywhere_the_served_generation_is_whole_and_the_next_run_leaves_no_rest(step: str) -> None:
    for n in range(2):
        publish(answers(f"m/{n}", n))
    before = served(1005)
    engine().dispose()
    process = multiprocessing.get_context("fork").Process(target=_killed_in, args=(step,))
    process.start()
    process.join(60)
    assert process.exitcode == -signal.SIGKILL
    after = served(1005)
    assert after == before if step != "_drop" else after[1][0] == 57
    last = publish(answers("m/3", 3))
    assert served(1005) == (last, [50 + (8 + n) % TITLES for n in range(TITLES)])
    assert len(tables()) == 4
    with begin() as session:
        rows = session.connection().exec_driver_sql("select count(*) from generations").scalar()
    assert rows == 2
