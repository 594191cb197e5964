"""Playbacks: one row per playback session, with what was watched and its quality of experience.

The definitions are those of PLAYBACK's "Events and QoE" (Mux Data, Conviva). Watching is measured from positions: a
step between two events counts when pictures moved and the position grew no faster than four times the viewer's clock.
All of it is one shuffle by session and one sort; what follows keeps that order.
"""

from collections.abc import Collection
from datetime import date

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from marquee.contracts.events import EventName as E
from marquee.contracts.lake import EVENTS, PLAYBACKS, VIEWER
from spark_jobs.events import FIRST, each_once, in_order, steps
from spark_jobs.stretches import covered_ms, merged
from spark_jobs.tables import created_ms, day_of, read, replace, shaped

CONSTANT = (*VIEWER, "title_id", "release_id", "duration_ms")  # the same in all events of a session


def main(spark: SparkSession, days: Collection[date]) -> list[str]:
    """Make the playbacks of some days anew from their events; returns the keys written."""
    return replace(PLAYBACKS, dated(transform(read(spark, EVENTS, days))), days)


def dated(playbacks: DataFrame) -> DataFrame:
    """Playbacks with the day of their partition."""
    return playbacks.withColumn("dt", day_of(F.col("started_ms")))


def transform(events: DataFrame) -> DataFrame:
    """Rows of EVENTS, in any order and any number of copies, to rows of PLAYBACKS."""
    return shaped(PLAYBACKS, _finished(_gathered(_marked(steps(each_once(events))))))


def _marked(stepped: DataFrame) -> DataFrame:
    """Where watching begins and ends, and what had been played when an edge took over."""
    ordered = in_order()
    before = F.lag("watched_ms").over(ordered)
    after = F.lead("watched_ms").over(ordered)
    return stepped.select(
        "*",
        ((F.col("watched_ms") > 0) & (F.coalesce(before, F.lit(0)) == 0)).alias("begins"),
        ((F.col("watched_ms") > 0) & (F.coalesce(after, F.lit(0)) == 0)).alias("ends"),
        F.coalesce(F.sum("play_ms").over(ordered.rowsBetween(FIRST, -1)), F.lit(0)).alias("played_ms"),
        (~F.lag("place").over(ordered).eqNullSafe(F.col("place"))).alias("moved"),
    )


def _gathered(marked: DataFrame) -> DataFrame:
    """One row per session, of sums, counts, first and last moments."""
    name, failure = F.col("name"), F.col("fatal") & ~F.col("business")

    def at(wanted: E, what: str) -> Column:
        return F.min_by(what, F.when(name == wanted, F.col("seq")))

    def count(what: Column) -> Column:
        return F.count(F.when(what, True))

    return marked.groupBy("session_id").agg(
        F.min_by(F.struct(*CONSTANT), "seq").alias("constant"),
        F.count("*").alias("events"),
        F.max("seq").alias("last_seq"),
        F.min_by("viewer_time_ms", "seq").alias("first_time"),
        F.max_by("viewer_time_ms", "seq").alias("last_time"),
        F.min_by("position_ms", "seq").alias("first_position_ms"),
        F.max_by("position_ms", "seq").alias("last_position_ms"),
        F.max("position_ms").alias("furthest_ms"),
        F.collect_list(F.when(F.col("begins"), F.col("position_ms"))).alias("from_ms"),
        F.collect_list(F.when(F.col("ends"), F.col("next_position"))).alias("to_ms"),
        F.collect_list(F.when(F.col("moved"), F.struct("place", "played_ms"))).alias("places"),
        at(E.VIEW_START, "viewer_time_ms").alias("intent_time"),
        at(E.FIRST_FRAME, "viewer_time_ms").alias("shown_time"),
        F.min(F.when(name == E.FIRST_FRAME, F.col("seq"))).alias("shown_seq"),
        F.min(F.when(failure, F.col("seq"))).alias("failed_seq"),
        F.bool_or("business").alias("refused"),
        *[F.sum(what).alias(what) for what in ("watched_ms", "play_ms", "rebuffer_ms", "rated_ms")],
        F.coalesce(F.sum(F.col("rate") * F.col("rated_ms")), F.lit(0)).alias("bitrate_ms"),
        count(F.col("stall")).alias("rebuffers"),
        F.coalesce(F.max("dropped_frames"), F.lit(0)).alias("dropped_frames"),  # the player counts them up
        count(name == E.RENDITION_CHANGE).alias("rendition_changes"),
        F.bool_or(name.isin(E.ENDED, E.VIEW_END)).alias("clean_end"),
    )


def _finished(gathered: DataFrame) -> DataFrame:
    shown, failed = F.col("shown_seq"), F.col("failed_seq")
    pairs = F.arrays_zip(F.col("from_ms"), F.col("to_ms"))
    return (
        gathered.withColumn("stretches", merged(pairs))
        .withColumn("started_ms", created_ms("session_id"))
        .select(
            "*",
            "constant.*",
            _longest(F.col("places"), F.col("play_ms")).alias("edge"),
            (F.col("started_ms") + _at_least_0(F.col("last_time") - F.col("first_time"))).alias("ended_ms"),
            (F.col("last_seq") + 1 - F.col("events")).alias("missing"),
            covered_ms(F.col("stretches")).alias("covered_ms"),
            shown.isNotNull().alias("started"),
            _at_least_0(F.col("shown_time") - F.col("intent_time")).alias("startup_ms"),
            (shown.isNull() & failed.isNull()).alias("exit_before_start"),
            F.coalesce(failed < F.coalesce(shown, failed + 1), F.lit(False)).alias("start_failure"),
            failed.isNotNull().alias("fatal"),
        )
    )


def _at_least_0(value: Column) -> Column:
    """Clocks may be set back; what is not known stays null."""
    return F.when(value < 0, F.lit(0)).otherwise(value)


def _longest(places: Column, play_ms: Column) -> Column:
    """The edge that played longest; the first by name where several did equally, unknown where none is named."""
    until = F.transform(places, lambda one, i: F.coalesce(F.get(places, i + 1)["played_ms"], play_ms))
    parts = F.zip_with(places, until, lambda one, end: F.struct(one["place"], (end - one["played_ms"]).alias("ms")))
    named = F.filter(parts, lambda one: one["place"].isNotNull())
    totals = F.transform(F.array_distinct(F.transform(named, lambda one: one["place"])), lambda p: _total(named, p))
    return F.coalesce(F.array_min(totals)["place"], F.lit("unknown"))


def _total(parts: Column, place: Column) -> Column:
    mine = F.filter(parts, lambda one: one["place"] == place)
    total = F.aggregate(mine, F.lit(0).cast("bigint"), lambda sum_, one: sum_ + one["ms"])
    return F.struct((-total).alias("less"), place.alias("place"))
