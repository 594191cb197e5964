"""Ranges of a programme, from_ms to to_ms, in columns of arrays."""

from pyspark.sql import Column
from pyspark.sql import functions as f

TYPE = "ARRAY<STRUCT<from_ms: BIGINT, to_ms: BIGINT>>"


def merged(stretches: Column) -> Column:
    """The same moments, each once: sorted, with those that meet or overlap made one."""
    return f.aggregate(f.array_sort(stretches), f.array().cast(TYPE), _joined)


def covered_ms(disjoint: Column) -> Column:
    """How long stretches are that do not overlap."""
    return f.aggregate(disjoint, f.lit(0).cast("bigint"), lambda total, one: total + one["to_ms"] - one["from_ms"])


def _joined(done: Column, one: Column) -> Column:
    last = f.get(done, f.size(done) - 1)  # null before the first: nothing meets it
    longer = f.struct(last["from_ms"].alias("from_ms"), f.greatest(last["to_ms"], one["to_ms"]).alias("to_ms"))
    meets = one["from_ms"] <= last["to_ms"]
    return f.when(meets, f.concat(f.slice(done, 1, f.size(done) - 1), f.array(longer))).otherwise(
        f.concat(done, f.array(one))
    )
