"""Spark's executors as the component `spark-executors` has them: `python -m bench.kubernetes.spark`.

Spark's driver makes pods at an API server of ours, which starts each pod's command as a process. So the settings, the
template and the entrypoint are tried as they stand, on one machine and without a container.
"""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench import figures
from bench.figures import Figure
from bench.kubernetes.api_server import Cluster, serving
from bench.kubernetes.overlay import FOLDER

DRIVER = "airflow-worker-default-0"
EXECUTORS, ROWS = 2, 100_000
MOUNTED = "/etc/marquee/spark"  # where the component puts its files
Json = dict[str, Any]


def main() -> int:
    """1 when a row is missing, a task ran in no executor, or a pod is not locked."""
    with TemporaryDirectory(prefix="marquee-spark-") as name, _cluster(Path(name)) as cluster:
        begun = time.monotonic()
        rows, processes = _work(Path(name))
        took = time.monotonic() - begun
        made = [each for each in cluster.objects.values() if "spec" in each]
        locked = [each for each in made if _locked(each)]
        there = {process.pid for process in cluster.processes}
    values = [Figure("spark.seconds", took, "s"), Figure("spark.pods", len(made), "pods")]
    values += [Figure("spark.rows", rows, "rows"), Figure("spark.locked", len(locked), "pods")]
    figures.report("kubernetes-spark", values, {"pods": made})
    return int(rows != ROWS or not processes <= there or len(locked) != EXECUTORS)


@contextmanager
def _cluster(folder: Path) -> Iterator[Cluster]:
    _configure(folder / "conf")
    given = {"SPARK_CONF_DIR": str(folder / "conf"), "POD_NAME": DRIVER, "POD_IP": "127.0.0.1"}
    os.environ |= given | {"MARQUEE_HOME": str(folder / "home"), "MARQUEE_SPARK_MEMORY": "512m"}
    cluster = Cluster(DRIVER, folder, os.environ)
    with serving(cluster) as url:
        os.environ["MARQUEE_SPARK_MASTER"] = f"k8s://{url}"
        yield cluster


def _configure(folder: Path) -> None:
    folder.mkdir()
    files = FOLDER / "components" / "spark-executors"
    conf = (files / "spark-defaults.conf").read_text().replace(MOUNTED, str(folder))
    (folder / "spark-defaults.conf").write_text(f"{conf}\nspark.executor.instances {EXECUTORS}\n")
    (folder / "executor.yaml").write_text((files / "executor.yaml").read_text())


def _work(folder: Path) -> tuple[int, set[int]]:
    """Rows that were shuffled, written and read again, and the executors' processes that Python tasks ran below."""
    from spark_jobs.session import spark_session

    spark = spark_session("bench")
    try:
        target = f"file://{folder}/lake/numbers"
        spark.range(ROWS).selectExpr("id", "id % 7 as part").repartition(8, "part").write.parquet(target)
        rows = spark.read.parquet(target).select("id").distinct().count()
        seen = spark.sparkContext.parallelize(range(16), 16).map(lambda _: _executor(os.getppid())).collect()
        return rows, set(seen)
    finally:
        spark.stop()


def _executor(parent: int) -> int:
    """The executor above a Python worker: its parent, or with Spark's daemon between them the one before."""
    status = Path(f"/proc/{parent}/status").read_text()
    is_java = "java" in status.partition("\n")[0]
    return parent if is_java else int(status.partition("PPid:")[2].split()[0])


def _locked(pod: Json) -> bool:
    (container,) = pod["spec"]["containers"]
    context, resources = container["securityContext"], container["resources"]
    return (
        context["readOnlyRootFilesystem"] is True
        and context["capabilities"] == {"drop": ["ALL"]}
        and pod["spec"]["securityContext"]["runAsNonRoot"] is True
        and {"cpu", "memory"} <= set(resources["limits"]) & set(resources["requests"])
    )


if __name__ == "__main__":
    sys.exit(main())
