"""Player events as steps: each event once, in order, with what holds until the next one of its session."""

from pyspark.sql import Column, DataFrame, Window, WindowSpec
from pyspark.sql import functions as f

from marquee.contracts.events import EventName as E
from marquee.contracts.lake import EVENTS

MOVING = (E.FIRST_FRAME, E.PLAYING, E.REBUFFER_END)
STILL = (E.PAUSE, E.REBUFFER_START, E.SEEKING, E.ENDED, E.VIEW_END)
STALL_ENDS = (E.REBUFFER_END, E.PLAYING, E.PAUSE, E.SEEKING, E.ENDED, E.VIEW_END)
HEARTBEATS_MS = 120_000  # they come every 30 s: a longer silence was no playing
FASTEST, SLACK_MS = 4, 2_000  # a position that grows faster than this was moved, not watched
FIRST, LAST = Window.unboundedPreceding, Window.unboundedFollowing


def in_order(*within: str) -> WindowSpec:
    """The events of a session as they happened; those within the same value of other columns, if need be."""
    return Window.partitionBy(*within, "session_id").orderBy("seq")


def each_once(events: DataFrame) -> DataFrame:
    """Of the copies of an event the one received first; by the row's content where that is the same."""
    others = [name for name in EVENTS.columns if name not in ("session_id", "seq", "received_ms")]
    copies = Window.partitionBy("session_id").orderBy("seq", "received_ms", *others)
    earlier = f.lag("seq").over(copies)
    return events.withColumn("earlier", earlier).where("earlier is null or earlier <> seq").drop("earlier")


def steps(events: DataFrame, *within: str, shown: Column | None = None) -> DataFrame:
    """Events with the step to the next of their session; `shown` says of which the first frame came before them all.

    Adds watched_ms (of the programme), play_ms and rebuffer_ms (of the viewer's time), rated_ms (play with a known
    bitrate), `rate` and `place` (the bitrate and edge last named), next_position, `stall` (a rebuffering begins here
    that counts), `fatal` and `business` without nulls.
    """
    return _measured(_states(events, in_order(*within), f.lit(False) if shown is None else shown))


def _states(events: DataFrame, ordered: WindowSpec, shown: Column) -> DataFrame:
    """What the events up to each one say: does the picture move, is it stalled, is a seek under way."""
    name, fatal = f.col("name"), f.coalesce(f.col("error_fatal"), f.lit(False))
    so_far = ordered.rowsBetween(FIRST, Window.currentRow)

    def state(on: Column, off: Column) -> Column:
        latest = f.last(f.when(on, True).when(off, False), ignorenulls=True).over(so_far)
        return f.coalesce(latest, f.lit(False))

    return events.select(
        *[c for c in events.columns if c not in ("error_fatal", "error_business")],
        fatal.alias("fatal"),
        f.coalesce(f.col("error_business"), f.lit(False)).alias("business"),
        state(name.isin(*MOVING), name.isin(*STILL) | fatal).alias("moving"),
        state(name == E.REBUFFER_START, name.isin(*STALL_ENDS) | fatal).alias("stalled"),
        state(name == E.SEEKING, name == E.PLAYING).alias("seeking"),
        (shown | f.max(name == E.FIRST_FRAME).over(so_far)).alias("shown"),
        f.last("bitrate", ignorenulls=True).over(so_far).alias("rate"),
        f.last("edge", ignorenulls=True).over(so_far).alias("place"),
        f.lead("position_ms").over(ordered).alias("next_position"),
        f.lead("viewer_time_ms").over(ordered).alias("next_time"),
        f.last("viewer_time_ms").over(ordered.rowsBetween(FIRST, LAST)).alias("end_time"),
    )


def _measured(states: DataFrame) -> DataFrame:
    zero = f.lit(0).cast("bigint")
    now, moving = f.col("viewer_time_ms"), f.col("moving")
    ahead = f.coalesce(f.greatest(f.col("next_time") - now, zero), zero)
    step = f.least(ahead, f.greatest(f.col("end_time") - now, zero))
    play = f.when(moving, f.least(step, f.lit(HEARTBEATS_MS))).otherwise(zero)
    grown = f.col("next_position") - f.col("position_ms")
    watched = moving & grown.between(0, FASTEST * ahead + SLACK_MS)
    counts = f.col("shown") & ~f.col("seeking")
    return states.select(
        "*",
        ahead.alias("ahead"),
        f.when(watched, grown).otherwise(zero).alias("watched_ms"),
        play.alias("play_ms"),
        f.when(f.col("rate").isNotNull(), play).otherwise(zero).alias("rated_ms"),
        f.when(f.col("stalled") & counts, step).otherwise(zero).alias("rebuffer_ms"),
        ((f.col("name") == E.REBUFFER_START) & counts).alias("stall"),
    )
