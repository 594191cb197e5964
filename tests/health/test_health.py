"""Health: each part says how it is, in time, and what cannot be asked is told as such."""

import json
import os
import shutil
import socket
import threading
import time
from collections import namedtuple
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from typer.testing import CliRunner

from marquee.catalogue.database import begin
from marquee.catalogue.models import Generation, LiveMetric
from marquee.cli import cli
from marquee.contracts.errors import Unavailable
from marquee.gateway import certificate_folder
from marquee.health import alarms, certificates, database, freshness, machine, platform_parts, servers, shown
from marquee.health.checks import Check, Part, State, duration, now, size
from marquee.health.report import Recent, report
from marquee.settings import Settings, settings
from tests.http_servers import HttpServer


@pytest.fixture
def s(tmp_path: Path) -> Settings:
    return Settings(_env_file=None, home=tmp_path, database_url="postgresql://nobody:secret-word@127.0.0.1:1")


def asked(parts: list[Part]) -> dict[str, Check]:
    return {check.name: check for group in report(parts).groups for check in group.checks}


def a_part(*checks: Check, ask: Callable[[], object] | None = None, name: str = "part") -> Part:
    return Part("Group", name, ask or (lambda: checks))  # type: ignore[arg-type]


def test_the_worst_check_is_the_state_of_all():
    states = (State.OK, State.UNKNOWN, State.WARNING, State.DOWN)
    for worst in range(len(states)):
        found = report([a_part(Check(f"{n}", state, "")) for n, state in enumerate(states[: worst + 1])])
        assert found.state is found.groups[0].state is states[worst]
    assert [shown.EXIT[state] for state in states] == [0, 0, 1, 2]


def test_a_part_that_hangs_holds_up_nobody():
    hung = threading.Event()
    began = time.monotonic()
    found = report(
        [a_part(ask=lambda: [hung.wait()], name="hung"), a_part(Check("quick", State.OK, "here"))], patience_s=0.2
    )
    assert time.monotonic() - began < 2
    hung.set()
    assert [(c.name, c.state) for c in found.groups[0].checks] == [("hung", State.DOWN), ("quick", State.OK)]
    assert found.groups[0].checks[0].said == "does not answer within 0 s"


def test_an_error_is_told_by_its_kind_and_quotes_nothing(s):
    def fails() -> None:
        raise Unavailable("the store is away", where="s3://key:secret-word@host")

    found = asked([a_part(ask=fails), *database.parts(s)])
    assert found["part"].said == "cannot be asked: the store is away"
    assert (found["postgresql"].state, found["postgresql"].said) == (State.DOWN, "the database does not answer")
    assert "secret-word" not in repr(found)


def test_many_who_look_at_once_ask_once():
    asked_times: list[float] = []
    recent = Recent()

    def ask() -> list[Check]:
        asked_times.append(time.monotonic())
        return [Check("part", State.OK, "")]

    threads = [threading.Thread(target=recent.report, args=([a_part(ask=ask)],)) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(asked_times) == 1


class Answers(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/well" else 503)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        return


def test_servers_are_asked_by_http_or_by_a_connection(s):
    server = HttpServer(Answers).start()
    port = server.server_port
    with socket.create_server(("127.0.0.1", 0)) as closed:
        nobody = closed.getsockname()[1]
    urls = {
        "well": f"http://127.0.0.1:{port}/well",
        "ill": f"http://127.0.0.1:{port}/ill",
        "listens": f"tcp://127.0.0.1:{port}",
        "nobody": f"http://127.0.0.1:{nobody}/",
        "closed": f"tcp://127.0.0.1:{nobody}",
    }
    found = asked(servers.parts(s.model_copy(update={"health_urls": urls})))
    server.stop()
    assert {name: found[name].state for name in urls} == {
        "well": State.OK,
        "ill": State.DOWN,
        "listens": State.OK,
        "nobody": State.DOWN,
        "closed": State.DOWN,
    }
    assert found["ill"].said == "answers 503"
    assert {"edge-a", "edge-b", "shield", "mlflow"} < set(found)


def test_the_servers_of_one_machine_are_known_by_the_settings(s):
    assert {"api", "airflow", "origin", "shield", "edge-a", "edge-b", "mlflow"} == set(servers.addresses(s))
    inside = s.model_copy(update={"tls": True, "profile": "production"})
    assert servers.addresses(inside)["gateway"].startswith("https://")


def test_the_database_says_its_version_its_role_and_its_connections(catalogue: None):
    found = asked(database.parts(settings()))
    assert found["postgresql"].state is State.OK
    assert "the primary, PostgreSQL 18" in found["postgresql"].said
    assert found["connections"].said.endswith(" of 200")


def test_marts_and_recommendations_grow_old(catalogue: None):
    old = now() - timedelta(days=3)
    parts = freshness.parts(settings())
    assert [asked(parts)[name].state for name in ("marts", "recommendations")] == [State.UNKNOWN] * 2
    with begin() as session:
        session.add(Generation(model="hybrid v7", audience="all", live=True, created_at=old))
    found = asked(parts)["recommendations"]
    assert (found.state, found.said, found.at) == (State.WARNING, "by hybrid v7", old)


def test_events_that_wait_too_long_are_told(s):
    folder = s.event_log / "writer"
    folder.mkdir(parents=True)
    assert asked(freshness.parts(s))["events"].said == "nothing waits to be shipped"
    segment = folder / "000001.ndjson"
    segment.write_text("{}\n")
    assert asked(freshness.parts(s))["events"].state is State.OK
    os.utime(segment, (0, time.time() - 3 * 3600))
    found = asked(freshness.parts(s))["events"]
    assert (found.state, found.said) == (State.WARNING, "1 files wait to be shipped, the oldest for 3 h")


def test_alarms_that_are_on_say_where(catalogue: None, monkeypatch: pytest.MonkeyPatch):
    watched = settings().model_copy(update={"live_metrics": True})
    minute = now().replace(second=0, microsecond=0)
    figures = {"alarm:start_failures": 1.0, "rate:start_failures": 0.023, "alarm:rebuffering": 0.0}
    with begin() as session:
        rows = (LiveMetric(minute=minute, metric=name, edge="edge-b", value=value) for name, value in figures.items())
        session.add_all(rows)
    found = asked(alarms.parts(watched))
    assert (found["start failures"].said, found["start failures"].at) == ("edge-b, 2.30 %", minute)
    assert "rebuffering" not in found
    assert found["replicas"].said == "nothing found wrong in a week"
    assert asked(alarms.parts(settings()))["playing"].state is State.UNKNOWN


def test_certificates_are_told_before_they_end(s):
    with_tls = s.model_copy(update={"tls": True})
    certificate_folder.ensure(with_tls.certificates, {"gateway": ("localhost",), "edge": ("127.0.0.1",)})
    found = asked(certificates.parts(with_tls))
    assert {"gateway public", "edge public", "api inside", "authority"} <= set(found)
    assert found["gateway public"].state is State.OK
    shutil.rmtree(with_tls.certificates)
    long_ago = datetime.now(UTC) - timedelta(days=75)
    certificate_folder.ensure(with_tls.certificates, {"gateway": ("localhost",)}, at=long_ago)
    assert asked(certificates.parts(with_tls))["gateway public"].state is State.WARNING
    (with_tls.certificates / "gateway" / "public.pem").write_text("nothing")
    assert asked(certificates.parts(with_tls))["gateway public"].state is State.UNKNOWN


def test_the_last_backup_is_told_with_its_age(s):
    assert asked(machine.parts(s))["last backup"].said == "never"
    record = s.home / "backups" / "last.json"
    record.parent.mkdir()
    done = now() - timedelta(hours=5)
    record.write_text(json.dumps({"finished_at": done.isoformat(), "bytes": 12_300_000_000, "verified_at": None}))
    found = asked(machine.parts(s))
    assert (found["last backup"].state, found["last backup"].said) == (State.OK, "12.3 GB")
    assert found["last backup"].at == done
    assert found["last restored for a test"].said == "never"
    record.write_text("half a reco")
    assert asked(machine.parts(s))["backup"].state is State.DOWN


@pytest.mark.parametrize(("free", "state"), [(50, State.OK), (8, State.WARNING), (2, State.DOWN)])
def test_a_disk_that_fills_is_told(s, monkeypatch: pytest.MonkeyPatch, free: int, state: State):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(machine.shutil, "disk_usage", lambda _: usage(100 * 10**9, 0, free * 10**9))
    assert asked(machine.parts(s))["home"].state is state


def test_the_command_tells_every_part_and_ends_with_the_state(s, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(platform_parts, "parts", lambda _: [a_part(Check("disk", State.WARNING, "full", now()))])
    done = CliRunner().invoke(cli, ["health"])
    assert done.exit_code == 1
    assert done.stdout.splitlines() == ["Group", "  WARNING  disk                     full, 0 s ago"]
    said = json.loads(CliRunner().invoke(cli, ["health", "--json"]).stdout)
    assert (said["state"], said["groups"][0]["checks"][0]["age_s"]) == ("warning", 0)


def test_lengths_and_sizes_in_words():
    assert [duration(x) for x in (0, 90, 150, 8000, 200_000, -5)] == ["0 s", "90 s", "2 min", "2 h", "2 days", "0 s"]
    assert [size(x) for x in (900, 2_500_000, 3.21e9, 1e12)] == ["1 kB", "2.5 MB", "3.2 GB", "1.0 TB"]
