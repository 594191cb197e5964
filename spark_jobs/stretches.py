"""Stretches: parts of a programme, from_ms to to_ms, in columns of arrays."""

from pyspark.sql import Column
from pyspark.sql import functions as F

TYPE = "ARRAY<STRUCT<from_ms: BIGINT, to_ms: BIGINT>>"


def merged(stretches: Column) -> Column:
    """The same moments, each once: sorted, with those that meet or overlap made one."""
    return F.aggregate(F.array_sort(stretches), F.array().cast(TYPE), _joined)


def covered_ms(disjoint: Column) -> Column:
    """How long stretches are that do not overlap."""
    return F.aggregate(disjoint, F.lit(0).cast("bigint"), lambda total, one: total + one["to_ms"] - one["from_ms"])


def _joined(done: Column, one: Column) -> Column:
    last = F.get(done, F.size(done) - 1)
    longer = F.struct(last["from_ms"].alias("from_ms"), F.greatest(last["to_ms"], one["to_ms"]).alias("to_ms"))
    meets = (F.size(done) > 0) & (one["from_ms"] <= last["to_ms"])
    return F.when(meets, F.concat(F.slice(done, 1, F.size(done) - 1), F.array(longer))).otherwise(
        F.concat(done, F.array(one))
    )
