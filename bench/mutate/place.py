"""A copy of the checkout in which tests run, again and again, without the time that starting takes.

Each run is a process of its own, forked from one that has loaded the libraries and nothing of this project. Spark's
tests share a Java machine, which is warm from the second run on.
"""

import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self

LIBRARIES = ["pytest", "moto.server", "httpx", "pydantic", "structlog", "sqlalchemy.orm", "pyarrow.parquet"]
SPARK = ["pyspark.sql", "pandas"]


class Place:
    """A copy of the checkout; closes its Java machine in the end."""

    def __init__(self, path: Path, *, spark: bool) -> None:
        self.path, self._spark, self._java = path, spark, None
        self._forking = multiprocessing.get_context("forkserver")
        self._forking.set_forkserver_preload([*LIBRARIES, *(SPARK if spark else [])])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._end_java()

    def passes(self, tests: Sequence[str], *, limit_s: float) -> bool:
        """Whether all tests pass within the time; whatever they have started is ended."""
        process = self._forking.Process(target=_run, args=(str(self.path), list(tests), self._environment()))
        process.start()
        process.join(limit_s)
        passed = process.exitcode == 0
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.join()
        if process.exitcode < 0:  # cut short: Spark may still be at work in the Java machine
            self._end_java()
        return passed

    def _environment(self) -> dict[str, str]:
        plain = {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(self.path)}
        return plain | (self._gateway() if self._spark else {})

    def _gateway(self) -> dict[str, str]:
        """Where PySpark finds the Java machine; it is started when there is none."""
        from pyspark.java_gateway import launch_gateway

        if self._java is None:
            os.environ["SPARK_LOCAL_DIRS"] = str(self.path.parent / "spark")  # it outlives the tests' own folders
            os.environ["JAVA_TOOL_OPTIONS"] = "-XX:TieredStopAtLevel=1"
            self._java = launch_gateway(popen_kwargs={"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL})
        found = self._java.java_parameters
        return {"PYSPARK_GATEWAY_PORT": str(found.port), "PYSPARK_GATEWAY_SECRET": found.auth_token}

    def _end_java(self) -> None:
        if self._java is not None:
            self._java.proc.kill()
            self._java.proc.wait()
            self._java = None


def _run(place: str, tests: list[str], environment: dict[str, str]) -> None:
    """Run pytest on a place's own files, in silence."""
    import pytest

    os.setsid()
    for output in (1, 2):
        os.dup2(os.open(os.devnull, os.O_WRONLY), output)
    os.environ.update(environment)
    os.chdir(place)
    sys.dont_write_bytecode = True
    sys.path[:] = [place, *(path for path in sys.path if path not in ("", str(Path(__file__).parents[2])))]
    sys.exit(pytest.main(["-x", "-q", "-p", "no:cacheprovider", *tests]))
