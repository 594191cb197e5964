"""Playbacks: one row per playback session, with what was watched and its quality of experience.

The definitions are those of PLAYBACK's "Events and QoE" (Mux Data, Conviva). Watching is measured from positions: a
step between two events counts when pictures moved and the position grew no faster than four times the viewer's clock.
All of it is one shuffle by session and one sort; what follows keeps that order.
"""

from collections.abc import Collection
from datetime import date

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as f

from marquee.contracts.events import EventName as E
from marquee.contracts.lake import EVENTS, PLAYBACKS, VIEWER
from spark_jobs.events import FIRST, each_once, in_order, steps
from spark_jobs.ranges import covered_ms, merged
from spark_jobs.tables import created_ms, day_of, read, replace, shaped

CONSTANT = (*VIEWER, "title_id", "release_id", "duration_ms")  # the same in all events of a session


def main(spark: SparkSession, days: Collection[date]) -> list[str]:
    """Make the playbacks of some days anew from their events; returns the keys written."""
    return replace(PLAYBACKS, dated(transform(read(spark, EVENTS, days))), days)


def dated(playbacks: DataFrame) -> DataFrame:
    """Playbacks with the day of their partition."""
    return playbacks.withColumn("dt", day_of(f.col("started_ms")))


def transform(events: DataFrame) -> DataFrame:
    """Rows of EVENTS, in any order and any number of copies, to rows of PLAYBACKS."""
    return shaped(PLAYBACKS, _finished(_gathered(_marked(steps(each_once(events), shown=f.lit(False))))))


def _marked(stepped: DataFrame) -> DataFrame:
    """Where watching begins and ends, and what had been played when an edge took over."""
    ordered = in_order()
    watched = f.col("watched_ms") > 0
    before, after = f.lag(watched).over(ordered), f.lead(watched).over(ordered)  # nothing is watched after the last
    return stepped.select(
        "*",
        (watched & ~f.coalesce(before, f.lit(False))).alias("begins"),
        (watched & ~after).alias("ends"),
        f.coalesce(f.sum("play_ms").over(ordered.rowsBetween(FIRST, -1)), f.lit(0)).alias("played_ms"),
        (~f.lag("place").over(ordered).eqNullSafe(f.col("place"))).alias("moved"),
    )


def _gathered(marked: DataFrame) -> DataFrame:
    """One row per session, of sums, counts, first and last moments."""
    name, failure = f.col("name"), f.col("fatal") & ~f.col("business")

    def at(wanted: E, what: str) -> Column:
        return f.min_by(what, f.when(name == wanted, f.col("seq")))

    return marked.groupBy("session_id").agg(
        f.min_by(f.struct(*CONSTANT), "seq").alias("constant"),
        f.count("*").alias("events"),
        f.max("seq").alias("last_seq"),
        f.min_by("viewer_time_ms", "seq").alias("first_time"),
        f.max_by("viewer_time_ms", "seq").alias("last_time"),
        f.min_by("position_ms", "seq").alias("first_position_ms"),
        f.max_by("position_ms", "seq").alias("last_position_ms"),
        f.max("position_ms").alias("furthest_ms"),
        f.collect_list(f.when(f.col("begins"), f.col("position_ms"))).alias("from_ms"),
        f.collect_list(f.when(f.col("ends"), f.col("next_position"))).alias("to_ms"),
        f.collect_list(f.when(f.col("moved"), f.struct("place", "played_ms"))).alias("places"),
        at(E.VIEW_START, "viewer_time_ms").alias("intent_time"),
        at(E.FIRST_FRAME, "viewer_time_ms").alias("shown_time"),
        f.min(f.when(name == E.FIRST_FRAME, f.col("seq"))).alias("shown_seq"),
        f.min(f.when(failure, f.col("seq"))).alias("failed_seq"),
        f.bool_or("business").alias("refused"),
        *[f.sum(what).alias(what) for what in ("watched_ms", "play_ms", "rebuffer_ms", "rated_ms")],
        f.coalesce(f.sum(f.col("rate").cast("double") * f.col("rated_ms")), f.lit(0.0)).alias("bitrate_ms"),
        f.count_if("stall").alias("rebuffers"),
        f.coalesce(f.max("dropped_frames"), f.lit(0)).alias("dropped_frames"),  # the player counts them up
        f.count_if(name == E.RENDITION_CHANGE).alias("rendition_changes"),
        f.bool_or(name.isin(E.ENDED, E.VIEW_END)).alias("clean_end"),
    )


def _finished(gathered: DataFrame) -> DataFrame:
    shown, failed = f.col("shown_seq"), f.col("failed_seq")
    pairs = f.arrays_zip(f.col("from_ms"), f.col("to_ms"))
    return (
        gathered.withColumn("stretches", merged(pairs))
        .withColumn("started_ms", created_ms("session_id"))
        .select(
            "*",
            "constant.*",
            _longest(f.col("places"), f.col("play_ms")).alias("edge"),
            (f.col("started_ms") + _at_least_0(f.col("last_time") - f.col("first_time"))).alias("ended_ms"),
            (f.col("last_seq") - f.col("events") + 1).alias("missing"),  # in this order: it may be the largest number
            covered_ms(f.col("stretches")).alias("covered_ms"),
            shown.isNotNull().alias("started"),
            _at_least_0(f.col("shown_time") - f.col("intent_time")).alias("startup_ms"),
            (shown.isNull() & failed.isNull()).alias("exit_before_start"),
            f.coalesce(failed < shown, failed.isNotNull()).alias("start_failure"),
            failed.isNotNull().alias("fatal"),
        )
    )


def _at_least_0(value: Column) -> Column:
    """Clocks may be set back; what is not known stays null."""
    return f.when(value.isNotNull(), f.greatest(value, f.lit(0)))


def _longest(places: Column, play_ms: Column) -> Column:
    """The edge that played longest; the first by name where several did equally, unknown where none is named."""
    until = f.transform(places, lambda _, i: f.coalesce(f.get(places, i + 1)["played_ms"], play_ms))
    parts = f.zip_with(places, until, lambda one, end: f.struct(one["place"], (end - one["played_ms"]).alias("ms")))
    named = f.filter(parts, lambda one: one["place"].isNotNull())
    totals = f.transform(f.array_distinct(f.transform(named, lambda one: one["place"])), lambda p: _total(named, p))
    return f.coalesce(f.array_min(totals)["place"], f.lit("unknown"))


def _total(parts: Column, place: Column) -> Column:
    mine = f.filter(parts, lambda one: one["place"] == place)
    total = f.aggregate(mine, f.lit(0).cast("bigint"), lambda sum_, one: sum_ + one["ms"])
    return f.struct((-total).alias("less"), place.alias("place"))
