"""Spans lie in one trace from the gateway to the database, and from a task to its programs; they tell no secrets."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.observe.collector import Collector, Seen
from marquee import tracing
from marquee.contracts.errors import ToolFailed
from marquee.embedded.airflow import environment
from marquee.embedded.ports import free
from marquee.monitoring import gateway_spans
from marquee.settings import settings
from marquee.tools.process import run
from tests.gateway.conftest import Front, a_front, an_api, certificates  # noqa: F401  a fixture

TRACE = "0af7651916cd43dd8448eb211c80319c"
CALLER = "b7ad6b7169203331"
PARENT = f"00-{TRACE}-{CALLER}-01"


@pytest.fixture(params=[1.0])
def front(
    request: pytest.FixtureRequest,
    collector: Collector,
    catalogue: None,
    certificates: Path,  # noqa: F811
    tmp_path: Path,
) -> Iterator[Front]:
    """A gateway that tells of a share of its requests, before the API."""
    (port,) = free(1)
    hearing = gateway_spans.listen("127.0.0.1", port, settings().otlp_traces)
    made = a_front(tmp_path / "gateway", certificates, spans=f"127.0.0.1:{port}", span_share=request.param)
    with an_api(made.api_port, tmp_path):
        made.nginx.start()
        yield made
        made.nginx.stop()
    hearing.shutdown()
    hearing.server_close()


def one(spans: list[Seen], name: str) -> Seen:
    (found,) = (span for span in spans if span.name == name)
    return found


def test_a_click_is_one_trace_from_the_gateway_to_the_database(front: Front, collector: Collector) -> None:
    with front.client() as client:
        answer = client.get("/v1/titles/123?x=of-a-member", headers={"Cookie": "a.b.c"})
    tracing.flush()
    spans = collector.wait_for("GET browse", "GET /v1/titles/{title_id}")
    gateway, api = one(spans, "GET browse"), one(spans, "GET /v1/titles/{title_id}")
    queries = [span for span in spans if span.name.startswith("SELECT")]
    assert answer.json()["trace_id"] == answer.headers["X-Trace-Id"] == gateway.trace
    assert {span.trace for span in spans} == {gateway.trace}
    assert (gateway.parent, api.parent) == ("", gateway.id)
    assert queries
    assert {span.parent for span in queries} == {api.id}
    assert gateway.start_ns - 2_000_000 <= api.start_ns <= gateway.end_ns  # nginx counts in ms
    assert api.attributes == {"http.route": "/v1/titles/{title_id}", "http.response.status_code": answer.status_code}
    assert "of-a-member" not in repr(spans)
    assert "a.b.c" not in repr(spans)
    assert "127.10." not in repr(spans)  # where the client is


def test_a_callers_trace_goes_on(front: Front, collector: Collector) -> None:
    with front.client() as client:
        client.get("/v1/titles", headers={"traceparent": PARENT})
    tracing.flush()
    spans = collector.wait_for("GET browse")
    assert {span.trace for span in spans} == {TRACE}
    assert one(spans, "GET browse").parent == CALLER


@pytest.mark.parametrize("front", [0.0], indirect=True)
def test_what_the_gateway_does_not_keep_makes_no_spans_whatever_the_caller_asks_for(
    front: Front, collector: Collector
) -> None:
    with front.client() as client:
        answer = client.get("/v1/titles", headers={"traceparent": PARENT})
    tracing.flush()
    assert answer.headers["X-Trace-Id"] == TRACE
    with tracing.span("after it"):
        pass
    tracing.flush()
    assert [span.name for span in collector.wait_for("after it")] == ["after it"]


def test_what_is_no_request_of_the_gateway_is_left_out() -> None:
    for said in (b"", b"<190>gateway: {}", b'{"trace":"x","span":"y","parent":"","end":1,"seconds":0}', b"\xff{"):
        assert gateway_spans._span_or_none(said) is None


def test_a_program_is_a_span_of_its_own_that_can_go_on(collector: Collector) -> None:
    with tracing.continued(PARENT), tracing.span("a task"):
        said = run(["sh", "-c", "echo $TRACEPARENT; : secret-argument"], timeout_s=10).stdout.decode().strip()
    tracing.flush()
    spans = collector.wait_for("a task", "sh")
    task, program = one(spans, "a task"), one(spans, "sh")
    assert (task.parent, program.parent) == (CALLER, task.id)
    assert said == f"00-{TRACE}-{program.id}-01"
    assert program.attributes == {"process.executable.name": "sh", "process.exit.code": 0}


def test_a_program_that_fails_is_marked_without_its_words(collector: Collector) -> None:
    with pytest.raises(ToolFailed):
        run(["sh", "-c", "echo /films/of/a/member >&2; exit 3"], timeout_s=10)
    tracing.flush()
    (program,) = collector.wait_for("sh")
    assert program.failed
    assert program.attributes["process.exit.code"] == 3
    assert "member" not in repr(program)


def test_airflow_and_its_runs_lie_in_the_same_traces(collector: Collector, tmp_path: Path) -> None:
    code = """
from airflow.sdk import get_current_context  # what a task process imports first
import airflow.settings, opentelemetry.trace as trace
from marquee import tracing
from marquee.tools.process import run
with tracing.continued("%s"), trace.get_tracer("airflow").start_as_current_span("worker.encode"):
    run(["true"], timeout_s=10)
trace.get_tracer_provider().force_flush()

class Task:
    pass

class Run:
    run_id = "of-a-test"
    get_task_instances = staticmethod(lambda session: [Task])

from marquee_airflow import runs
runs.trigger_dag = lambda *_, **__: Run
with tracing.continued("%s"), tracing.span("desk"):
    runs.start_run("a_dag", {}, "somebody")
    print(tracing.traceparent(), Run.context_carrier["traceparent"], Task.context_carrier["traceparent"])
"""
    told = environment(settings()) | {"AIRFLOW_HOME": str(tmp_path), "MARQUEE_OTLP_URL": collector.url}
    told |= {"PYTHONPATH": ":".join([*sys.path, "plugins"]), "PATH": "/usr/bin:/bin", "MARQUEE_HOME": str(tmp_path)}
    argv = [sys.executable, "-c", code % (PARENT, PARENT)]
    done = subprocess.run(argv, env=told, check=True, timeout=120, capture_output=True, text=True)
    made = done.stdout.split()[-3:]  # of the request, the run and a task
    assert {each[:35] for each in made} == {PARENT[:35]}
    assert len({each[36:52] for each in made}) == 3  # each a span of its own
    spans = [span for span in collector.wait_for("worker.encode", "true") if span.name != "desk"]
    assert {(span.trace, span.service) for span in spans} == {(TRACE, "airflow")}
    assert one(spans, "true").parent == one(spans, "worker.encode").id


def test_without_a_collector_nothing_of_opentelemetry_is_imported(tmp_path: Path) -> None:
    code = """
import sys
from marquee import tracing
from marquee.catalogue import database
from marquee.tools.process import run
database.engine("postgresql+psycopg://127.0.0.1:1/none")
with tracing.span("one"), tracing.child("two"), tracing.continued("%s"):
    run(["true"], timeout_s=10)
tracing.flush()
assert not tracing.traceparent()
assert not [name for name in sys.modules if name.startswith("opentelemetry")]
"""
    told = {"PYTHONPATH": ":".join(sys.path), "PATH": "/usr/bin:/bin", "MARQUEE_HOME": str(tmp_path)}
    subprocess.run([sys.executable, "-c", code % PARENT], env=told, check=True, timeout=60)
