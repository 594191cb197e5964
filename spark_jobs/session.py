"""Creates the Spark session from the settings."""

import os
import sys
from pathlib import Path
from urllib.parse import urlsplit

from pyspark.sql import SparkSession

from marquee import tracing
from marquee.settings import Settings, settings

LOOPBACK = ("127.0.0.1", "localhost")
# Spark's own switch for lines of JSON (spark.log.structuredLogging.enabled) has no effect in a session of PySpark.
LOGS = Path(__file__).parents[1] / "deploy" / "spark" / "log4j2.properties"
JAVA = f"-XX:+UseParallelGC -Dlog4j2.configurationFile={LOGS.as_uri()}"
FIXED = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",  # it writes into the lines of the log
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.parquet.compression.codec": "zstd",
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    # Days are text in paths: inferring them would read the same folder as another type now and then.
    "spark.sql.sources.partitionColumnTypeInference.enabled": "false",
    "spark.sql.shuffle.partitions": "64",
    # Counted after compression, which takes events to about a fifth: so much must fit a small heap when sorted.
    "spark.sql.adaptive.advisoryPartitionSizeInBytes": "16m",
    # Rows that are sorted by the grouping already are aggregated as they come, without a table of groups.
    "spark.sql.execution.replaceHashWithSortAggregate": "true",
    "spark.hadoop.mapreduce.fileoutputcommitter.marksuccessfuljobs": "false",
    "spark.driver.extraJavaOptions": JAVA,
    "spark.executor.extraJavaOptions": JAVA,
}


def configuration(s: Settings) -> dict[str, str]:
    """Spark's configuration from the settings; what else a cluster needs belongs in its own SPARK_CONF_DIR."""
    values = FIXED | {
        "spark.master": s.spark_master,
        "spark.driver.memory": s.spark_memory,
        "spark.executor.memory": s.spark_memory,
        "spark.local.dir": str(s.home / "work" / "spark"),
        "spark.sql.warehouse.dir": str(s.home / "work" / "spark"),
    }
    values |= {f"spark.executorEnv.{name}": value for name, value in tracing.environment().items()}
    if s.spark_master.startswith("local") or urlsplit(s.spark_master).hostname in LOOPBACK:
        values |= {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}
    return values


def spark_session(name: str = "marquee") -> SparkSession:
    """The session of this process, started when there is none yet (about five seconds).

    Its own processes in Python are of this interpreter, unless PYSPARK_PYTHON names another: by default Spark takes
    the first `python3` of PATH, which has none of the packages.
    """
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = SparkSession.builder.appName(name)
    for key, value in configuration(settings()).items():
        builder = builder.config(key, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    return session
