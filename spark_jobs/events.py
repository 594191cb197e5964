"""Player events as steps: each event once, in order, with what holds until the next one of its session."""

from pyspark.sql import Column, DataFrame, Window, WindowSpec
from pyspark.sql import functions as F

from marquee.contracts.events import EventName as E
from marquee.contracts.lake import EVENTS

MOVING = (E.FIRST_FRAME, E.PLAYING, E.REBUFFER_END)
STILL = (E.PAUSE, E.REBUFFER_START, E.SEEKING, E.ENDED, E.VIEW_END)
STALL_ENDS = (E.REBUFFER_END, E.PLAYING, E.PAUSE, E.SEEKING, E.ENDED, E.VIEW_END)
HEARTBEATS_MS = 120_000  # they come every 30 s: a longer silence was no playing
FASTEST, SLACK_MS = 4, 2_000  # a position that grows faster than this was moved, not watched
FIRST, LAST = Window.unboundedPreceding, Window.unboundedFollowing


def in_order() -> WindowSpec:
    """The events of a session as they happened."""
    return Window.partitionBy("session_id").orderBy("seq")


def each_once(events: DataFrame) -> DataFrame:
    """Of the copies of an event the one received first; by the row's content where that is the same."""
    others = [name for name in EVENTS.columns if name not in ("session_id", "seq", "received_ms")]
    copies = Window.partitionBy("session_id").orderBy("seq", "received_ms", *others)
    earlier = F.lag("seq").over(copies)
    return events.withColumn("earlier", earlier).where("earlier is null or earlier <> seq").drop("earlier")


def steps(events: DataFrame) -> DataFrame:
    """Events with the step to the next of their session.

    Adds watched_ms (of the programme), play_ms and rebuffer_ms (of the viewer's time), rated_ms (play with a known
    bitrate), `rate` and `place` (the bitrate and edge last named), next_position, `stall` (a rebuffering begins here
    that counts), `fatal` and `business` without nulls.
    """
    return _measured(_states(events))


def _states(events: DataFrame) -> DataFrame:
    """What the events up to each one say: does the picture move, is it stalled, is a seek under way."""
    name, fatal = F.col("name"), F.coalesce(F.col("error_fatal"), F.lit(False))
    ordered = in_order()
    so_far = ordered.rowsBetween(FIRST, Window.currentRow)

    def state(on: Column, off: Column) -> Column:
        latest = F.last(F.when(on, True).when(off, False), ignorenulls=True).over(so_far)
        return F.coalesce(latest, F.lit(False))

    return events.select(
        *[c for c in events.columns if c not in ("error_fatal", "error_business")],
        fatal.alias("fatal"),
        F.coalesce(F.col("error_business"), F.lit(False)).alias("business"),
        state(name.isin(*MOVING), name.isin(*STILL) | fatal).alias("moving"),
        state(name == E.REBUFFER_START, name.isin(*STALL_ENDS) | fatal).alias("stalled"),
        state(name == E.SEEKING, name == E.PLAYING).alias("seeking"),
        state(name == E.FIRST_FRAME, F.lit(False)).alias("shown"),
        F.last("bitrate", ignorenulls=True).over(so_far).alias("rate"),
        F.last("edge", ignorenulls=True).over(so_far).alias("place"),
        F.lead("position_ms").over(ordered).alias("next_position"),
        F.lead("viewer_time_ms").over(ordered).alias("next_time"),
        F.last("viewer_time_ms").over(ordered.rowsBetween(FIRST, LAST)).alias("end_time"),
    )


def _measured(states: DataFrame) -> DataFrame:
    zero = F.lit(0).cast("bigint")
    now, moving = F.col("viewer_time_ms"), F.col("moving")
    ahead = F.coalesce(F.greatest(F.col("next_time") - now, zero), zero)
    step = F.least(ahead, F.greatest(F.col("end_time") - now, zero))
    play = F.when(moving, F.least(step, F.lit(HEARTBEATS_MS))).otherwise(zero)
    grown = F.col("next_position") - F.col("position_ms")
    watched = moving & (grown > 0) & (grown <= FASTEST * ahead + SLACK_MS)
    counts = F.col("shown") & ~F.col("seeking")
    return states.select(
        "*",
        F.when(watched, grown).otherwise(zero).alias("watched_ms"),
        play.alias("play_ms"),
        F.when(F.col("rate").isNotNull(), play).otherwise(zero).alias("rated_ms"),
        F.when(F.col("stalled") & counts, step).otherwise(zero).alias("rebuffer_ms"),
        ((F.col("name") == E.REBUFFER_START) & counts).alias("stall"),
    )
