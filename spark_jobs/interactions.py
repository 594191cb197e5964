"""Interactions: what each profile has to do with each title, of all sessions and imported histories.

weight = Σ strength × ½^(age / 30 days), over the sessions and ratings up to `as_of`. The strength of a viewing is its
completion (1 where the length of the title is not known), that of a rating is rating / 5. Terms are added as decimals
of 12 places: in whatever order they come, the sum is the same.
"""

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

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
    newest = F.lit(as_of_ms).cast("bigint") if as_of_ms is not None else F.col("newest_ms")
    newest_ms = deeds.agg(F.max("last_ms").alias("newest_ms"))
    known = deeds.crossJoin(F.broadcast(newest_ms)).where(F.col("last_ms") <= newest)
    age_days = (newest - F.col("last_ms")) / F.lit(DAY_MS)
    term = (F.col("strength") * F.pow(F.lit(0.5), age_days / F.lit(HALF_LIFE_DAYS))).cast(TERM)
    return shaped(INTERACTIONS, _gathered(known.withColumn("term", term)))


def _viewings(sessions: DataFrame) -> DataFrame:
    return sessions.select(
        "profile_id", "title_id", "origin",
        F.col("started_ms").alias("first_ms"), F.col("ended_ms").alias("last_ms"),
        F.col("watched_ms"), F.col("completion"), _no("double").alias("rating"), F.col("completion").alias("strength"),
    )  # fmt: skip


def _remembered(history: DataFrame, titles: DataFrame) -> DataFrame:
    lengths = titles.groupBy("title_id").agg(F.max("duration_ms").alias("duration_ms"))
    share = F.least(F.col("watched_ms") / F.col("duration_ms"), F.lit(1.0))
    completion = F.when(F.col("duration_ms") > 0, share)
    strength = F.coalesce(F.col("rating") / F.lit(BEST_RATING), completion, F.lit(1.0))
    return history.join(lengths, "title_id", "left").select(
        "profile_id", "title_id", "origin",
        F.col("at_ms").alias("first_ms"), F.col("at_ms").alias("last_ms"),
        F.coalesce("watched_ms", F.lit(0)).alias("watched_ms"),
        completion.alias("completion"), "rating", strength.alias("strength"),
    )  # fmt: skip


def _gathered(deeds: DataFrame) -> DataFrame:
    return deeds.groupBy("profile_id", "title_id").agg(
        F.max("origin").alias("origin"),  # one profile has one
        F.min("first_ms").alias("first_ms"),
        F.max("last_ms").alias("last_ms"),
        F.count("*").alias("sessions"),
        F.sum("watched_ms").alias("watched_ms"),
        F.max("completion").alias("completion"),
        F.max_by("rating", F.when(F.col("rating").isNotNull(), F.struct("last_ms", "rating"))).alias("rating"),
        F.sum("term").cast("double").alias("weight"),
    )


def _no(kind: str) -> Column:
    return F.lit(None).cast(kind)
