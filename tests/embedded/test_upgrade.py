"""A running stack takes over new code: edges go on serving, and what cannot be taken over changes nothing."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
from pydantic import SecretStr

from marquee.contracts.errors import Conflict, ToolFailed
from marquee.embedded import commands, health, processes, upgrading
from marquee.settings import Settings


def running(s: Settings) -> dict[str, int]:
    return {each.name: each.pid for each in commands.status(s) if each.pid}


def workers(pid: int) -> set[int]:
    return {each.pid for each in processes.everything() if each.parent == pid}


def upgrade(s: Settings) -> list[str]:
    said: list[str] = []
    upgrading.upgrade(s, said.append, migrate=lambda: None)
    return said


@contextmanager
def asked_all_the_while(s: Settings) -> Iterator[list[str]]:
    """Requests to an edge, each on a connection of its own; the list has what was not answered as it should be."""
    wrong: list[str] = []
    over, asked = threading.Event(), threading.Event()

    def ask() -> None:
        while not over.is_set():
            try:
                answer = httpx.get(f"http://127.0.0.1:{s.edges['edge-a'].port}/1/2/video/h264-360p/1.m4s")
                wrong.extend([str(answer.status_code)] if answer.status_code != 401 else [])
            except httpx.TransportError as error:
                wrong.append(repr(error))
            asked.set()

    thread = threading.Thread(target=ask)
    thread.start()
    assert asked.wait(10)
    try:
        yield wrong
    finally:
        over.set()
        thread.join()


def test_edges_and_database_go_on_with_new_workers(small_stack: Settings) -> None:
    before = running(small_stack)
    of_before = workers(before["edge-a"])
    with asked_all_the_while(small_stack) as wrong:
        said = upgrade(small_stack)
    assert wrong == []
    assert running(small_stack) == before
    assert {line.split()[0] for line in said if "has read" in line} == {"origin", "shield", "edge-a", "edge-b"}
    assert processes.wait_until(lambda: not of_before & workers(before["edge-a"]), 20)


def test_a_changed_configuration_is_read_and_up_starts_nothing_for_it(small_stack, up_again) -> None:
    before, changed = running(small_stack), small_stack.model_copy(update={"edge_cache_mb": 65})
    try:
        upgrade(changed)
        assert "65m" in (changed.home / "nginx/edge-a/nginx.conf").read_text()
        up_again(changed)
        assert running(changed) == before
    finally:
        up_again(small_stack)  # which it does for the way back
    assert running(small_stack)["edge-a"] != before["edge-a"]


def test_a_configuration_that_nginx_refuses_leaves_the_former(small_stack: Settings) -> None:
    before = running(small_stack)
    path = small_stack.home / "nginx/origin/nginx.conf"
    former = path.read_text()
    region = f'{next(iter(small_stack.origins.values()))}"; nonsense'
    with pytest.raises(ToolFailed, match="nonsense"):
        upgrade(small_stack.model_copy(update={"origin_urls": {"eu": region}}))
    assert (running(small_stack), path.read_text()) == (before, former)


def test_a_schema_that_is_newer_stops_it_before_anything_is_touched(small_stack: Settings) -> None:
    before = running(small_stack)

    def refuse() -> None:
        raise Conflict("the database's schema is newer")

    with pytest.raises(Conflict, match="newer"):
        upgrading.upgrade(small_stack, str, migrate=refuse)
    assert running(small_stack) == before


def test_edges_that_have_to_start_anew_do_so_one_after_the_other(small_stack: Settings, up_again) -> None:
    before, edges = running(small_stack), [edge.port for edge in small_stack.edges.values()]
    changed = small_stack.model_copy(update={"edge_key": SecretStr("another key of the edges")})
    gone, over = [], threading.Event()

    def look() -> None:
        while not over.wait(0.01):
            if not any(health.listening(port)(0) for port in edges):
                gone.append(time.monotonic())

    looking = threading.Thread(target=look)
    looking.start()
    try:
        upgrade(changed)
        after = running(changed)
    finally:
        over.set()
        looking.join()
        up_again(small_stack)
    assert {name for name in before if before[name] != after[name]} == {"shield", "edge-a", "edge-b"}
    assert gone == []
