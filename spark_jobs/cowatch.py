"""Co-watch: which titles are watched by the same viewers, of those who count."""

from pyspark.sql import DataFrame, SparkSession, Window
from pyspark.sql import functions as f

from marquee.contracts.lake import COWATCH, INTERACTIONS
from marquee.settings import settings
from spark_jobs.tables import read, replace_whole, shaped

LATEST = 200  # titles of a profile that count: pairs grow with their square
KEPT = 100  # others per title


def main(spark: SparkSession) -> list[str]:
    """Make all title pairs anew from the interactions."""
    counted = read(spark, INTERACTIONS).where(f.col("origin").isin(*settings().counted.origins))
    return replace_whole(COWATCH, transform(counted))


def transform(interactions: DataFrame) -> DataFrame:
    """Rows of INTERACTIONS to rows of COWATCH: both ways, the closest others of each title."""
    latest = Window.partitionBy("profile_id").orderBy(f.desc("last_ms"), "title_id")
    watched = (
        interactions.select("profile_id", "title_id", f.row_number().over(latest).alias("rank"))
        .where(f.col("rank") <= LATEST)
        .drop("rank")
    )
    return shaped(COWATCH, _closest(_both_ways(_pairs(watched)), watched))


def _pairs(watched: DataFrame) -> DataFrame:
    """Each pair once, the smaller id first: half the work."""
    others = watched.withColumnRenamed("title_id", "other_id")
    pairs = watched.join(others, "profile_id").where("title_id < other_id")
    return pairs.groupBy("title_id", "other_id").agg(f.count("*").alias("viewers"))


def _both_ways(pairs: DataFrame) -> DataFrame:
    turned = pairs.select(f.col("other_id").alias("title_id"), f.col("title_id").alias("other_id"), "viewers")
    return pairs.unionByName(turned)


def _closest(pairs: DataFrame, watched: DataFrame) -> DataFrame:
    ones = watched.groupBy("title_id").agg(f.count("*").alias("mine"))
    others = ones.select(f.col("title_id").alias("other_id"), f.col("mine").alias("theirs"))
    cosine = f.col("viewers") / f.sqrt((f.col("mine") * f.col("theirs")).cast("double"))
    order = Window.partitionBy("title_id").orderBy(f.desc("cosine"), f.desc("viewers"), "other_id")
    return (
        pairs.join(f.broadcast(ones), "title_id")
        .join(f.broadcast(others), "other_id")
        .withColumn("cosine", cosine)
        .withColumn("rank", f.row_number().over(order))
        .where(f.col("rank") <= KEPT)
    )
