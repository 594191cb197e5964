"""The jobs as a program: ended by force wherever it stands, and on a cluster of one master and two workers."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyspark
import pytest

from bench.observe.collector import Collector
from marquee.embedded.ports import free
from marquee.settings import settings
from spark_jobs.jobs import run
from tests.spark_jobs.lakes import CHAIN, DAYS, content, ship
from tests.spark_jobs.streams import wild

pytestmark = pytest.mark.slow
SPARK_CLASS = Path(pyspark.__file__).parent / "bin" / "spark-class"
PATIENCE_S = 500
TRACE, CALLER = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"  # of whoever starts the jobs


@pytest.fixture(scope="module")
def events():
    rng = random.Random(8)
    return [row for number in range(200) for row in wild(rng, number)]


@pytest.fixture(scope="module")
def whole(spark, events, tmp_path_factory):
    """What the jobs make of the events, in a lake of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MARQUEE_HOME", str(tmp_path_factory.mktemp("whole")))
        patch.setenv("MARQUEE_SPARK_MASTER", "local[2]")
        settings.cache_clear()
        run(CHAIN, ship("a", events))
        made = content()
    settings.cache_clear()
    return made


@pytest.fixture
def shipped(lake_home, events):
    """A lake that holds the events and nothing else."""
    ship("a", events)


@contextmanager
def started(argv: list[str], **environment: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        argv, env=os.environ | environment, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def job(**environment: str):
    """`python -m spark_jobs` for all days of the lake that `settings()` names."""
    days = [str(day) for day in DAYS]
    return started([sys.executable, "-m", "spark_jobs", *CHAIN, "--days", *days], **environment)


@pytest.mark.parametrize("sign", ["_staging/playbacks", "sessions"])
def test_killed_and_run_again_gives_the_same_bytes(shipped, whole, sign):
    folder = Path(settings().lake.removeprefix("file://")) / sign
    with job() as process:
        deadline = time.monotonic() + PATIENCE_S
        while not any(folder.rglob("*.parquet")):
            assert process.poll() is None, "it ended before it was killed"
            assert time.monotonic() < deadline
            time.sleep(0.01)
        os.killpg(process.pid, signal.SIGKILL)
    stands = content()
    assert stands == {key: whole[key] for key in stands}
    run(CHAIN, DAYS)
    assert content() == whole


@pytest.fixture
def collector() -> Iterator[Collector]:
    made = Collector()
    yield made
    made.stop()


def test_two_workers_make_the_same_as_one_process_within_the_callers_trace(shipped, whole, collector, tmp_path):
    port = free(1)[0]
    master, local = f"spark://127.0.0.1:{port}", {"SPARK_LOCAL_IP": "127.0.0.1"}
    deploy, quiet = "org.apache.spark.deploy", ["--host", "127.0.0.1", "--webui-port", "0"]
    head = [str(SPARK_CLASS), f"{deploy}.master.Master", *quiet, "--port", str(port)]
    hand = [str(SPARK_CLASS), f"{deploy}.worker.Worker", *quiet, "-c", "1", "-m", "600m", master]
    with started(head, **local) as one:
        wait_for(one, "Starting Spark master")
        with (
            started([*hand, "--work-dir", str(tmp_path / "a")], **local) as a,
            started([*hand, "--work-dir", str(tmp_path / "b")], **local) as b,
        ):
            for worker in (a, b):
                wait_for(worker, "Successfully registered with master")
            spans = {"MARQUEE_OTLP_URL": collector.url, "TRACEPARENT": f"00-{TRACE}-{CALLER}-01"}
            with job(MARQUEE_SPARK_MASTER=master, MARQUEE_SPARK_MEMORY="512m", **spans) as process:
                _, said = process.communicate(timeout=PATIENCE_S)
                assert process.returncode == 0, said[-2000:]
    assert all(list((tmp_path / name).glob("app-*")) for name in "ab"), "both workers had a part in it"
    assert content() == whole
    told = {span.name: span for span in collector.wait_for(*(f"spark {name}" for name in CHAIN))}
    for name in CHAIN:
        span = told[f"spark {name}"]
        assert (span.service, span.trace, span.parent, span.failed) == ("marquee-spark", TRACE, CALLER, False)
        assert span.attributes == {"marquee.days": len(DAYS)}


def wait_for(process: subprocess.Popen[str], text: str) -> None:
    for line in process.stderr:
        if text in line:
            return
    raise AssertionError(f"it ended without saying {text!r}")
