"""Live: what is being watched this minute, from the segments of the event log before they are shipped.

Minutes are those in which the server received the events. Each minute is seen together with the one before it, so that
steps between events across the border are known; what began earlier is not, so these are figures to watch by. The
marts say exactly what happened.

From these figures follow the alarms of each minute: see `alarms`.
"""

from collections.abc import Callable
from datetime import UTC
from pathlib import Path

import psycopg
from pyspark.sql import Column, DataFrame, SparkSession, Window, WindowSpec
from pyspark.sql import functions as f
from pyspark.sql.streaming import StreamingQuery
from pyspark.sql.types import StringType, StructField, StructType

from marquee.contracts.alarms import ERROR
from marquee.contracts.events import EventName as E
from marquee.contracts.lake import EVENTS
from marquee.logs import log
from marquee.settings import settings
from marquee.topics import Topic
from spark_jobs.alarms import alarms
from spark_jobs.events import FASTEST, FIRST, LAST, SLACK_MS, in_order, steps
from spark_jobs.session import spark_session
from spark_jobs.tables import schema
from spark_jobs.topic_source import TopicSource

LATE = "5 minutes"  # what is received out of order by more is left out
TRIGGER = "15 seconds"
PARTITIONS = 4  # of the state: its keys are minutes
MINUTE_MS = 60_000
COLUMNS = (
    "session_id", "seq", "name", "viewer_time_ms", "received_ms", "position_ms", "bitrate", "edge",
    "error_fatal", "error_category", "error_code", "error_business",
)  # fmt: skip
ALIVE = (E.HEARTBEAT, E.PLAYING, E.FIRST_FRAME, E.REBUFFER_END)
OWN = ("session_id", "name", "fatal", "business", "shown", "error_category", "error_code")
BEGINNING = (E.VIEW_START, E.LOAD_START, E.MANIFEST_LOADED, E.LICENCE_REQUEST, E.LICENCE_RESPONSE, E.FIRST_FRAME)
METRICS = (
    "viewers", "starts", "startup_p50_ms", "rebuffer_ratio", "failures", "start_failures", "stalled_ms", "played_ms",
)  # fmt: skip
CODES = 10  # error codes counted in a minute at an edge, the most frequent ones: players may say anything
STATE = "live-2"  # named anew when what is kept of the events changes
UPSERT = """
    insert into live_metrics (minute, metric, edge, value) values (%s, %s, %s, %s)
    on conflict (minute, metric, edge) do update set value = excluded.value
"""


def main() -> None:
    """Follow the event log until the process is ended."""
    spark = spark_session("live")
    spark.conf.set("spark.sql.shuffle.partitions", PARTITIONS)
    query = start(spark, lambda writer: writer.trigger(processingTime=TRIGGER))
    log.info("live metrics follow the event log", at=settings().events_kafka or str(settings().event_log))
    query.awaitTermination()


def start(spark: SparkSession, triggered: Callable[..., object]) -> StreamingQuery:
    """Start the query; `triggered` sets the writer's trigger. It goes on where the checkpoint ends."""
    topic = Topic.configured() if settings().events_kafka else None
    work = settings().home / "work" / (f"{STATE}-{topic.name}" if topic else STATE)
    rows = read_topic(spark, topic) if topic else read(spark, settings().event_log)
    writer = minutes(rows.where(f.col("table") == EVENTS.name)).writeStream.outputMode("update").foreachBatch(store)
    return triggered(writer.option("checkpointLocation", f"file://{work}")).start()


def read(spark: SparkSession, folder: Path) -> DataFrame:
    """Rows of closed segments, as a stream. Shippers remove segments: one that is gone is left out."""
    folder.mkdir(parents=True, exist_ok=True)
    source = spark.readStream.schema(_line()).option("ignoreMissingFiles", "true").option("latestFirst", "false")
    return source.json(f"file://{folder}/*/*.ndjson")


def read_topic(spark: SparkSession, topic: Topic) -> DataFrame:
    """Rows of the topic, as a stream. A line that was sent twice is one event, as each is counted once."""
    spark.dataSource.register(TopicSource)
    source = spark.readStream.format(TopicSource.name()).option("brokers", topic.brokers).option("topic", topic.name)
    return source.load().select(f.from_json("line", _line()).alias("row")).select("row.*")


def _line() -> StructType:
    return StructType([StructField("table", StringType()), *schema(EVENTS).fields])


def minutes(events: DataFrame) -> DataFrame:
    """Each minute's events and those of the minute before it, every one once: window, events."""
    timed = events.select(f.timestamp_millis(f.col("received_ms")).alias("at"), f.struct(*COLUMNS).alias("event"))
    two = f.window("at", "2 minutes", "1 minute")
    return timed.withWatermark("at", LATE).groupBy(two).agg(f.collect_set("event").alias("events"))


def store(batch: DataFrame, _: int) -> None:
    """Write the figures of the minutes that changed, and their alarms; doing it again changes nothing."""
    seen = transform(batch).cache()
    figures = [(row, name, row[name]) for row in gathered(seen).collect() for name in METRICS]
    figures += [(row, ERROR + row["code"], row["sessions"]) for row in errors(seen).collect()]
    seen.unpersist()
    rows = [
        (row["minute"].astimezone(UTC), name, row["edge"], float(value))
        for row, name, value in figures
        if value is not None
    ]
    with psycopg.connect(settings().database().replace("+psycopg", "")) as connection, connection.cursor() as cursor:
        cursor.executemany(UPSERT, rows)
        if rows:
            cursor.executemany(UPSERT, alarms(cursor, min(row[0] for row in rows)))


def transform(windows: DataFrame) -> DataFrame:
    """Rows of `minutes` to one row per event or step, minute and edge ("*" is all of them)."""
    known = windows.select((f.col("window.end") - f.expr("interval 1 minute")).alias("minute"), f.explode("events"))
    once = known.select("minute", "col.*").dropDuplicates(["minute", "session_id", "seq"])
    asked = f.min(f.when(f.col("name") == E.VIEW_START, f.col("viewer_time_ms"))).over(_stream())
    older = f.first("name").over(_stream()).isin(*BEGINNING)
    heard = f.lead("received_ms").over(in_order("minute"))  # a step counts in the minute in which it ends
    begun = once.select("*", asked.alias("asked"), (~older).alias("older"), heard.alias("next_received"))
    return _placed(steps(begun, "minute", shown=f.col("older")))


def _stream() -> WindowSpec:
    return in_order("minute").rowsBetween(FIRST, LAST)


def _placed(stepped: DataFrame) -> DataFrame:
    """The minute's own events and steps, for their edge and for all of them.

    Whether pictures moved when the first of these events came is not known: the positions say it.
    """
    begins = f.unix_millis("minute")
    own, step = f.col("received_ms") >= begins, f.coalesce(f.col("next_received") >= begins, f.lit(False))
    startup = f.when(f.col("name") == E.FIRST_FRAME, f.greatest(f.col("viewer_time_ms") - f.col("asked"), f.lit(0)))
    grown = f.col("next_position") - f.col("position_ms")
    played = f.when(grown.between(1, FASTEST * f.col("ahead") + SLACK_MS) & ~f.col("stalled"), f.col("ahead"))
    edges = f.explode(f.array(f.coalesce(f.col("place"), f.lit("unknown")), f.lit("*"))).alias("at_edge")
    return stepped.where(own | step).select(
        *[f.when(own, f.col(name)).alias(name) for name in OWN],
        f.when(step, f.col("rebuffer_ms")).alias("rebuffer_ms"),
        f.when(own, startup).alias("startup"),
        f.when(step, played).alias("played"),
        "minute",
        edges,
    )


def errors(placed: DataFrame) -> DataFrame:
    """By minute, edge and code, the sessions that told of an error which is no refusal; the most frequent codes."""
    told = placed.where((f.col("name") == E.ERROR) & ~f.col("business"))
    code = f.concat_ws("/", f.col("error_category"), f.col("error_code")).alias("code")
    counted = told.groupBy("minute", f.col("at_edge").alias("edge"), code).agg(_sessions(f.lit(True)).alias("sessions"))
    frequent = Window.partitionBy("minute", "edge").orderBy(f.desc("sessions"), "code")
    return counted.withColumn("rank", f.row_number().over(frequent)).where(f.col("rank") <= CODES)


def gathered(placed: DataFrame) -> DataFrame:
    """One row per minute and edge with a column per metric."""
    name, failure = f.col("name"), f.col("fatal") & ~f.col("business")
    stalled, played = f.coalesce(f.sum("rebuffer_ms"), f.lit(0)), f.coalesce(f.sum("played"), f.lit(0))
    return placed.groupBy("minute", f.col("at_edge").alias("edge")).agg(
        _sessions(name.isin(*ALIVE)).alias("viewers"),
        _sessions(name == E.FIRST_FRAME).alias("starts"),
        f.percentile("startup", f.lit(0.5)).alias("startup_p50_ms"),
        f.when(stalled + played > 0, stalled / (stalled + played)).alias("rebuffer_ratio"),
        _sessions(failure).alias("failures"),
        _sessions(failure & ~f.col("shown")).alias("start_failures"),
        stalled.alias("stalled_ms"),
        played.alias("played_ms"),
    )


def _sessions(which: Column) -> Column:
    return f.count_distinct(f.when(which, f.col("session_id")))
