"""The figures of the insights page, each a query on the marts. Percentiles of groups are joined by weighted means."""

from dataclasses import dataclass

from marquee.viewing.insights.reading import Marts, Row

DAYS = 90  # of the lines over time
RECENT = 7  # of the tables of quality
FUNNEL = 28
TITLES = 200  # offered in the form
COHORTS = 10
MISSES = 50  # searches without an answer
DROPS = 3  # points named on a completion curve
APART = 5  # percent between them: neighbours tell of the same scene
ENDING = 95  # from this percent on, leaving is no loss: credits run
QOE_BY = ("edge", "device", "isp")


@dataclass(frozen=True)
class Headline:
    """A figure of the last seven days and of the seven before; None where there is nothing to say."""

    name: str
    now: float | None
    before: float | None
    unit: str = ""

    @property
    def change(self) -> float | None:
        """Growth as a share of the week before; for shares, the difference."""
        if self.now is None or not self.before:
            return None
        return self.now - self.before if self.unit == "%" else self.now / self.before - 1


def about(marts: Marts) -> dict[str, str]:
    """What the marts were made of."""
    return {row["key"]: row["value"] for row in marts.rows("about", "SELECT key, value FROM about")}


def headlines(marts: Marts) -> list[Headline]:
    """Plays, watched hours, viewers and completed plays of the last week against the week before."""
    active = _weeks(
        marts, "daily_active", "sum(plays) AS plays, sum(watched_s) / 3600 AS hours, arg_max(wau, dt) AS wau"
    )
    done = _weeks(marts, "title_daily", "sum(completions) / nullif(sum(plays), 0) AS share")
    if not active.get(0):
        return []
    pairs = {name: (active[0].get(name), active.get(1, {}).get(name)) for name in ("plays", "hours", "wau")}
    return [
        Headline("Plays", *pairs["plays"]),
        Headline("Watched", *pairs["hours"], unit="h"),
        Headline("Viewers", *pairs["wau"]),
        Headline("Watched to the end", done.get(0, {}).get("share"), done.get(1, {}).get("share"), unit="%"),
    ]


def _weeks(marts: Marts, mart: str, columns: str) -> dict[int, Row]:
    """A mart's figures by week, counted back from the last day: 0 is the last."""
    query = f"""SELECT (last_day - dt) // 7 AS week, {columns}
        FROM {mart}, (SELECT max(dt) AS last_day FROM daily_active) WHERE dt > last_day - 14 GROUP BY 1"""  # noqa: S608
    return {row["week"]: row for row in marts.rows(f"{mart} daily_active", query)}


def audience(marts: Marts) -> list[Row]:
    """By day: dau, wau, mau, plays, watched_s, new_viewers."""
    return marts.rows(
        "daily_active",
        "SELECT * FROM daily_active WHERE dt > (SELECT max(dt) FROM daily_active) - ?::INTEGER ORDER BY dt",
        DAYS,
    )


def titles(marts: Marts) -> list[Row]:
    """The titles watched longest: title_id and name."""
    return marts.rows(
        "title_engagement",
        "SELECT title_id, name FROM title_engagement ORDER BY watched_s DESC, title_id LIMIT ?",
        TITLES,
    )


def engagement(marts: Marts, title_id: int) -> Row:
    """One title's figures, empty when nobody has watched it."""
    return marts.row("title_engagement", "SELECT * FROM title_engagement WHERE title_id = ?", title_id)


def curve(marts: Marts, title_id: int) -> list[Row]:
    """By percent of the title: watched, share, drop_offs."""
    return marts.rows(
        "title_curve",
        "SELECT percent, watched, share, drop_offs FROM title_curve WHERE title_id = ? ORDER BY percent",
        title_id,
    )


def drops(curve_rows: list[Row]) -> list[int]:
    """The percents at which most sessions end before the title's last twentieth, apart, in order of place."""
    inner = [row for row in curve_rows if row["percent"] < ENDING and row["drop_offs"] > 0]
    chosen: list[int] = []
    for row in sorted(inner, key=lambda row: (-row["drop_offs"], row["percent"])):
        if len(chosen) < DROPS and all(abs(row["percent"] - other) >= APART for other in chosen):
            chosen.append(row["percent"])
    return sorted(chosen)


def together(marts: Marts, title_id: int) -> list[Row]:
    """What the viewers of a title watch as well, the closest first: other_id, other_name, viewers."""
    return marts.rows(
        "watched_together",
        "SELECT other_id, other_name, viewers FROM watched_together WHERE title_id = ? ORDER BY rank LIMIT 5",
        title_id,
    )


# Percentiles cannot be joined exactly: means weighted by starts stand for them, and the page says so.
QUALITY = """sum(attempts) AS attempts, sum(starts) AS starts,
    sum(startup_p50_ms * starts) / nullif(sum(starts) FILTER (startup_p50_ms IS NOT NULL), 0) / 1000 AS p50_s,
    sum(startup_p95_ms * starts) / nullif(sum(starts) FILTER (startup_p95_ms IS NOT NULL), 0) / 1000 AS p95_s,
    sum(rebuffer_ratio * starts) / nullif(sum(starts) FILTER (rebuffer_ratio IS NOT NULL), 0) AS rebuffering,
    sum(exits_before_start) / nullif(sum(attempts), 0) AS exits,
    sum(start_failures) / nullif(sum(attempts), 0) AS failures,
    sum(bitrate_mean * starts) / nullif(sum(starts) FILTER (bitrate_mean IS NOT NULL), 0) / 1e6 AS mbit_s"""


def quality(marts: Marts) -> list[Row]:
    """QoE by day."""
    query = f"""SELECT dt, {QUALITY} FROM qoe_daily
        WHERE dt > (SELECT max(dt) FROM qoe_daily) - ?::INTEGER GROUP BY dt ORDER BY dt"""  # noqa: S608
    return marts.rows("qoe_daily", query, DAYS)


def quality_by(marts: Marts, column: str) -> list[Row]:
    """QoE of the last days by edge, device or ISP, the most used first."""
    query = f"""SELECT {column} AS name, {QUALITY} FROM qoe_daily
        WHERE dt > (SELECT max(dt) FROM qoe_daily) - ?::INTEGER
        GROUP BY 1 ORDER BY attempts DESC, name LIMIT 12"""  # noqa: S608 (the columns are our own)
    return marts.rows("qoe_daily", query, RECENT)


def retention(marts: Marts) -> list[Row]:
    """The newest cohorts, newest first: cohort_week, size and rates by week, of the weeks that are over for all."""
    query = """SELECT cohort_week, any_value(size) AS size, list(retention ORDER BY week) AS rates,
        list(week ORDER BY week) AS weeks FROM retention_cohorts WHERE complete OR week = 0
        GROUP BY 1 ORDER BY 1 DESC LIMIT ?"""
    rows = marts.rows("retention_cohorts", query, COHORTS)
    return [row | {"rates": dict(zip(row["weeks"], row["rates"], strict=True))} for row in rows]


def funnel(marts: Marts) -> Row:
    """Searches of the last 28 days and what came of them."""
    return marts.row(
        "search_funnel",
        """SELECT coalesce(sum(searches), 0) AS searches, coalesce(sum(with_results), 0) AS with_results,
        coalesce(sum(selected), 0) AS selected, coalesce(sum(played), 0) AS played FROM search_funnel
        WHERE dt > (SELECT max(dt) FROM search_funnel) - ?::INTEGER""",
        FUNNEL,
    )


def misses(marts: Marts) -> list[Row]:
    """What was searched and not found, what most people asked first; of each the territories that asked it most."""
    query = """SELECT w.*, (SELECT string_agg(t.territory, ', ' ORDER BY t.askers DESC, t.territory)
            FROM search_misses t WHERE t.query = w.query AND t.territory NOT IN ('*', 'ZZ')) AS territories
        FROM search_misses w WHERE w.territory = '*' ORDER BY w.askers DESC, w.times DESC, w.query LIMIT ?"""
    return marts.rows("search_misses", query, MISSES)


def most_played(marts: Marts) -> list[Row]:
    """Ten titles by their plays of the last seven days: title_id, name, value."""
    return _ranked(marts, "plays_7d")


def rising(marts: Marts) -> list[Row]:
    """Ten titles by how far their last week stands above a usual one: title_id, name, value."""
    return _ranked(marts, "trend")


def _ranked(marts: Marts, by: str) -> list[Row]:
    query = f"""SELECT title_id, name, {by} AS value FROM content_performance
        WHERE plays_7d > 0 ORDER BY {by} DESC, title_id LIMIT 10"""  # noqa: S608 (the columns are our own)
    return marts.rows("content_performance", query)


def experiments(marts: Marts) -> list[Row]:
    """Each arm's rate and lift with their intervals."""
    return marts.rows(
        "experiment_results", "SELECT * FROM experiment_results ORDER BY experiment, lift IS NOT NULL, arm"
    )


def revenue(marts: Marts) -> list[Row]:
    """By month, plan and currency, newest first."""
    return marts.rows(
        "subscription_revenue", "SELECT * FROM subscription_revenue ORDER BY month DESC, currency, plan LIMIT 24"
    )


def churn(marts: Marts) -> list[Row]:
    """By month and plan, newest first: accounts at start and end, gained, changed and lost."""
    query = """SELECT *, gained + returned AS came, changed_in - changed_out AS changed FROM subscription_churn
        WHERE at_start + gained + returned + changed_in > 0 ORDER BY month DESC, plan LIMIT 24"""
    return marts.rows("subscription_churn", query)


def trials(marts: Marts) -> list[Row]:
    """By week and plan, newest first, what became of the trials."""
    return marts.rows("trial_conversion", "SELECT * FROM trial_conversion ORDER BY week DESC, plan LIMIT 24")
