"""Interactions: what each profile has to do with each title, of all sessions and imported histories.

weight = Σ strength × ½^(age / 30 days), over the sessions and ratings up to `as_of`. The strength of a viewing is its
completion (1 where the length of the title is not known), that of a rating is rating / 5. Terms are added as decimals
of 12 places: in whatever order they come, the sum is the same.
"""

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as f

from marquee.contracts.lake import HISTORY, INTERACTIONS, SESSIONS, TITLES
from spark_jobs.tables import read, replace_whole, shaped

HALF_LIFE_DAYS = 30
DAY_MS = 24 * 3600 * 1000
BEST_RATING = 5
TERM = "decimal(20, 12)"


def main(spark: SparkSession, as_of_ms: int | None = None) -> list[str]:
    """Make all interactions anew, as they stood at a moment; by default the newest in the data."""
    frame = transform(read(spark, SESSIONS), read(spark, HISTORY), read(spark, TITLES), as_of_ms)
    return replace_whole(INTERACTIONS, frame)


def transform(sessions: DataFrame, history: DataFrame, titles: DataFrame, as_of_ms: int | None = None) -> DataFrame:
    """Rows of SESSIONS, HISTORY and TITLES (for the length of what a history names) to rows of INTERACTIONS."""
    deeds = _viewings(sessions).unionByName(_remembered(history, titles))
    newest = f.lit(as_of_ms).cast("bigint") if as_of_ms is not None else f.col("newest_ms")
    newest_ms = deeds.agg(f.max("last_ms").alias("newest_ms"))
    known = deeds.crossJoin(f.broadcast(newest_ms)).where(f.col("last_ms") <= newest)
    age_days = (newest - f.col("last_ms")) / f.lit(DAY_MS)
    term = (f.col("strength") * f.pow(f.lit(0.5), age_days / f.lit(HALF_LIFE_DAYS))).cast(TERM)
    return shaped(INTERACTIONS, _gathered(known.withColumn("term", term)))


def _viewings(sessions: DataFrame) -> DataFrame:
    return sessions.select(
        "profile_id", "title_id", "origin",
        f.col("started_ms").alias("first_ms"), f.col("ended_ms").alias("last_ms"),
        f.col("watched_ms"), f.col("completion"), _no("double").alias("rating"), f.col("completion").alias("strength"),
    )  # fmt: skip


def _remembered(history: DataFrame, titles: DataFrame) -> DataFrame:
    lengths = titles.groupBy("title_id").agg(f.max("duration_ms").alias("duration_ms"))
    share = f.least(f.col("watched_ms") / f.col("duration_ms"), f.lit(1.0))
    completion = f.when(f.col("duration_ms") > 0, share)
    strength = f.coalesce(f.col("rating") / f.lit(BEST_RATING), completion, f.lit(1.0))
    return history.join(lengths, "title_id", "left").select(
        "profile_id", "title_id", "origin",
        f.col("at_ms").alias("first_ms"), f.col("at_ms").alias("last_ms"),
        f.coalesce("watched_ms", f.lit(0)).alias("watched_ms"),
        completion.alias("completion"), "rating", strength.alias("strength"),
    )  # fmt: skip


def _gathered(deeds: DataFrame) -> DataFrame:
    return deeds.groupBy("profile_id", "title_id").agg(
        f.max("origin").alias("origin"),  # one profile has one
        f.min("first_ms").alias("first_ms"),
        f.max("last_ms").alias("last_ms"),
        f.count("*").alias("sessions"),
        f.sum("watched_ms").alias("watched_ms"),
        f.max("completion").alias("completion"),
        f.max_by("rating", f.when(f.col("rating").isNotNull(), f.struct("last_ms", "rating"))).alias("rating"),
        f.sum("term").cast("double").alias("weight"),
    )


def _no(kind: str) -> Column:
    return f.lit(None).cast(kind)
