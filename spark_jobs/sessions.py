"""Viewing sessions: the playbacks of one title by one profile, with no pause longer than half an hour.

A playback goes on with the session before it when it starts at most half an hour after the latest end in that session
and the profile has begun no other title in between. A session reaches into the next day and no further: a playback
leads on to none that begins later than the day after its own, and in a chain that goes on longer each day from the
third one is a session of its own. So the sessions of a day follow from the playbacks of the two days before it, of
itself and of the day after it.
"""

from collections.abc import Collection
from datetime import date, timedelta

from pyspark.sql import Column, DataFrame, SparkSession, Window
from pyspark.sql import functions as f

from marquee.contracts.lake import PLAYBACKS, SESSIONS
from spark_jobs.ranges import covered_ms, merged
from spark_jobs.tables import day_of, read, replace, shaped

GAP_MS = 30 * 60 * 1000
DAY_MS = 24 * 3600 * 1000
COMPLETED = 0.9
BACK, AHEAD = 2, 1  # days of playbacks that the sessions of a day follow from


def main(spark: SparkSession, days: Collection[date]) -> list[str]:
    """Make anew the sessions that playbacks of these days may have changed; returns the keys written."""
    due = touched(days)
    sessions = dated(transform(read(spark, PLAYBACKS, needed(due))))
    return replace(SESSIONS, sessions.where(f.col("dt").isin([str(day) for day in due])), due)


def touched(days: Collection[date]) -> set[date]:
    """The days whose sessions change with the playbacks of these days."""
    return {day + timedelta(shift) for day in days for shift in range(-AHEAD, BACK + 1)}


def needed(days: Collection[date]) -> set[date]:
    """The days whose playbacks say what the sessions of these days are."""
    return {day + timedelta(shift) for day in days for shift in range(-BACK, AHEAD + 1)}


def dated(sessions: DataFrame) -> DataFrame:
    """Sessions with the day of their partition."""
    return sessions.withColumn("dt", day_of(f.col("started_ms")))


def transform(playbacks: DataFrame) -> DataFrame:
    """Rows of PLAYBACKS to rows of SESSIONS."""
    return shaped(SESSIONS, _finished(_gathered(_chained(playbacks.where("watched_ms > 0")))))


def _chained(playbacks: DataFrame) -> DataFrame:
    """Playbacks with the number of their chain (within the profile) and of the chain's piece that is a session."""
    order = Window.partitionBy("profile_id").orderBy("started_ms", "session_id")
    other = f.coalesce(f.lag("title_id").over(order) != f.col("title_id"), f.lit(True))
    spell = Window.partitionBy("profile_id", "spell").orderBy("started_ms", "session_id")
    chain = Window.partitionBy("profile_id", "chain")
    day = f.floor(f.col("started_ms") / DAY_MS)
    reach = f.least(f.col("ended_ms") + GAP_MS, (day + 2) * DAY_MS - 1)
    reached = f.max("reach").over(spell.rowsBetween(Window.unboundedPreceding, -1))
    return (
        playbacks.select("*", day.alias("day"), reach.alias("reach"), other.alias("other"))
        .withColumn("spell", f.count_if("other").over(order))
        .withColumn("begins", f.coalesce(f.col("started_ms") > reached, f.lit(True)))
        .withColumn("chain", f.count_if("begins").over(order))
        .withColumn("age", f.col("day") - f.min("day").over(chain))
        .withColumn("piece", f.when(f.col("age") > 1, f.col("age")).otherwise(0))
    )


def _gathered(chained: DataFrame) -> DataFrame:
    order = f.struct("started_ms", "session_id")

    def first(name: str) -> Column:
        return f.min_by(name, order).alias(name)

    return chained.groupBy("profile_id", "chain", "piece").agg(
        f.min_by("session_id", order).alias("viewing_session_id"),
        *[first(name) for name in ("title_id", "origin", "country", "device", "first_position_ms")],
        f.size(f.collect_set("device")).alias("devices"),
        f.count("*").alias("playbacks"),
        f.min("started_ms").alias("started_ms"),
        f.max("ended_ms").alias("ended_ms"),
        f.sum("watched_ms").alias("watched_ms"),
        f.max_by("last_position_ms", order).alias("last_position_ms"),
        f.max("furthest_ms").alias("furthest_ms"),
        f.max_by("duration_ms", order).alias("duration_ms"),
        covered_ms(merged(f.flatten(f.collect_list("stretches")))).alias("covered_ms"),
    )


def _finished(gathered: DataFrame) -> DataFrame:
    share = f.least(f.col("covered_ms") / f.col("duration_ms"), f.lit(1.0))
    completion = f.when(f.col("duration_ms") > 0, share).otherwise(f.lit(0.0))
    return gathered.withColumn("completion", completion).withColumn("completed", f.col("completion") >= COMPLETED)
