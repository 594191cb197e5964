"""Two real processes behind one nginx: one is told to end under steady requests, and nobody notices."""

import asyncio
import os
import signal
import threading
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.testclient import TestClient

from api import repeating as module
from api.main import create_app
from api.repeating import repeating
from bench.api import server
from bench.api.server import Server
from marquee.embedded.ports import free
from marquee.embedded.processes import wait_until
from marquee.settings import settings
from marquee.viewing.eventlog.reader import unshipped
from tests.api.conftest import Publish, assert_problem
from tests.gateway.conftest import Nginx

NOW_MS = 1_790_000_000_000
ASKING = 6
BALANCER = """
daemon off;
pid nginx.pid;
error_log stderr error;
events {{}}
http {{
    client_body_temp_path temp;
    access_log off;
    upstream api {{ {servers} keepalive 16; }}
    server {{
        listen 127.0.0.1:{port};
        location / {{
            proxy_pass http://api;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
        }}
    }}
}}
"""


@dataclass
class Crowd:
    """Asks steadily from many threads; keeps what went wrong, and which events were accepted."""

    url: str
    session_id: str
    headers: dict[str, str]
    answered: int = 0
    wrong: list[str] = field(default_factory=list)
    accepted: set[int] = field(default_factory=set)
    _numbers: Iterator[int] = field(default_factory=count)
    _ended: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> "Crowd":
        self._threads = [threading.Thread(target=self._ask) for _ in range(ASKING)]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        for thread in self._threads:
            thread.join()

    def _ask(self) -> None:
        with httpx.Client(base_url=self.url, headers=self.headers) as client:
            while not self._ended.is_set():
                self._report(client, next(self._numbers))
                self._note(client.get("/v1/titles"), 200)

    def _report(self, client: httpx.Client, seq: int) -> None:
        event = {"session_id": self.session_id, "seq": seq, "name": "playing", "viewer_time_ms": NOW_MS}
        answer = client.post("/v1/events", json={"events": [event | {"position_ms": 2}]})
        if self._note(answer, 202):
            self.accepted.add(seq)

    def _note(self, answer: httpx.Response, expected: int) -> bool:
        self.answered += 1
        if answer.status_code != expected:
            self.wrong.append(f"{answer.request.method} {answer.request.url.path} {answer.status_code}")
        return answer.status_code == expected


@pytest.fixture
def pair(catalogue: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Nginx, list[Server]]]:
    """The balancer, and the two processes behind it."""
    monkeypatch.setenv("MARQUEE_DRAIN_S", "3")
    settings.cache_clear()
    with ExitStack() as stack:
        processes = [stack.enter_context(server.serving()) for _ in range(2)]
        (port,) = free(1)
        nginx = Nginx(tmp_path / "balancer", balancing(port, processes), port)
        nginx.start()
        stack.callback(nginx.stop)
        yield nginx, processes


def balancing(port: int, processes: Iterable[Server]) -> str:
    servers = "".join(f"server 127.0.0.1:{each.port}; " for each in processes)
    return BALANCER.format(servers=servers, port=port)


def leave_out(balancer: Nginx, ending: Server, staying: Server) -> None:
    """As a balancer does that looks at /readyz."""
    assert wait_until(lambda: httpx.get(f"http://127.0.0.1:{ending.port}/readyz").status_code == 503, 5)
    (balancer.prefix / "nginx.conf").write_text(balancing(balancer.port, [staying]))
    balancer.reload()


def playing(url: str, title_id: str, headers: dict[str, str]) -> str:
    """The id of a playback session."""
    wish = {"title_id": title_id}
    answer = httpx.post(f"{url}/v1/playback-sessions", json=wish, headers=headers | {"Idempotency-Key": "one"})
    return str(answer.raise_for_status().json()["session_id"])


def test_nobody_notices_the_end_of_one_of_two(pair: tuple[Nginx, list[Server]], publish: Publish, viewer: Any) -> None:
    balancer, (ending, staying) = pair
    url = f"http://127.0.0.1:{balancer.port}"
    session_id = playing(url, publish().title_id, viewer.headers)
    with Crowd(url, session_id, viewer.headers) as crowd:
        assert wait_until(lambda: crowd.answered > 50, 20)
        os.kill(ending.process.pid, signal.SIGTERM)
        ready = f"http://127.0.0.1:{ending.port}/readyz"
        leave_out(balancer, ending, staying)
        told = httpx.get(ready)
        assert told.json()["detail"] == "Not ready: draining."
        assert told.headers["connection"] == "close"
        assert httpx.get(ready.replace("readyz", "livez")).status_code == 200
        ending.process.wait(15)
        answered = crowd.answered
        assert wait_until(lambda: crowd.answered > answered + 50, 20)
    assert crowd.wrong == []
    kept = {row["seq"] for row in unshipped(settings().event_log) if row["table"] == "events"}
    assert crowd.accepted <= kept
    assert httpx.get(f"http://127.0.0.1:{staying.port}/readyz").status_code == 200


def test_it_is_ready_once_the_catalogue_was_read(
    catalogue: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise TimeoutError

    app = create_app(tmp_path)
    with TestClient(app) as client:
        with monkeypatch.context() as patched:
            patched.setattr(app.state.home_pages._keeper, "refresh", broken)
            problem = assert_problem(client.get("/readyz"), 503, "unavailable")
            assert problem["detail"] == "Not ready: catalogue."
            assert client.get("/livez").status_code == 200
        assert client.get("/readyz").json() == {"status": "ok"}


@pytest.mark.parametrize(("takes_s", "finished"), [(0.05, True), (60, False)])
def test_work_that_has_begun_is_finished_within_patience(
    takes_s: float, finished: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PATIENCE_S", 0.5)
    done: list[str] = []

    async def live() -> None:
        begun = asyncio.Event()

        async def work() -> float:
            begun.set()
            await asyncio.sleep(takes_s)
            done.append("whole")
            return 60

        async with asyncio.timeout(5):
            async with repeating([work]):
                await begun.wait()

    asyncio.run(live())
    assert bool(done) is finished
