"""The checkpoint of the marts: what dbt has built, held against itself."""

from collections.abc import Collection
from datetime import date
from typing import TYPE_CHECKING

from marquee.contracts.lake import LEAST_ASKERS, PLAYBACKS
from marquee.settings import Audience
from marquee.viewing.expectations import limits, reading
from marquee.viewing.expectations.events import ids
from marquee.viewing.expectations.rules import LAG, NEAR, SHARE, Frame, Rule, Tolerance

if TYPE_CHECKING:
    import duckdb

NAMES = (
    "title_daily", "viewing_history", "title_engagement", "title_curve", "content_performance", "daily_active",
    "retention_cohorts", "qoe_daily", "search_funnel", "subscription_revenue", "subscription_churn",
    "trial_conversion", "experiment_results", "watched_together", "top10", "trending", "gems", "leaving", "about",
    "edge_sessions", "search_misses",
)  # fmt: skip
AS_TOLD = (-limits.SHARE_LAG, limits.SHARE_LAG)
KEYS = {
    "title_daily": "dt, title_id, country",
    "title_engagement": "title_id",
    "title_curve": "title_id, percent",
    "content_performance": "title_id",
    "daily_active": "dt",
    "retention_cohorts": "cohort_week, week",
    "qoe_daily": "dt, edge, device, isp",
    "search_funnel": "dt",
    "search_misses": "query, territory",
    "subscription_revenue": "month, plan, currency",
    "subscription_churn": "month, plan",
    "trial_conversion": "week, plan",
    "experiment_results": "experiment, arm",
    "watched_together": "title_id, other_id",
    "edge_sessions": "session_id, edge",
}
DISAGREEMENTS = (
    "none", "missing_beacons", "missing_edge_log", "lost_beacons", "blamed_edge", "unreported_errors",
    "lost_edge_lines", "not_received",
)  # fmt: skip


def prepare(connection: "duckdb.DuckDBPyConnection", days: Collection[date]) -> None:  # noqa: ARG001 (marts are whole)
    """Give the connection a view `mart_<name>` of each mart that there is, and the list of all."""
    ids(connection)
    connection.execute(f"CREATE OR REPLACE TEMP VIEW lake_playbacks AS FROM {reading.select(PLAYBACKS)}")
    connection.execute("CREATE OR REPLACE TEMP TABLE built (mart VARCHAR, there VARCHAR)")
    for name in NAMES:
        found = reading.mart(name)
        connection.execute("INSERT INTO built VALUES (?, ?)", (name, "yes" if found else "no"))
        if found:
            connection.execute(f"CREATE OR REPLACE TEMP VIEW mart_{name} AS FROM {found}")


def frames() -> tuple[Frame, ...]:
    """The frames of those marts that have been built; that one is missing is an expectation of its own."""
    there = {name for name in NAMES if reading.mart(name)}
    return tuple(frame for needed, frame in _frames() if needed <= there)


def _once(mart: str) -> tuple[set[str], Frame]:
    key = KEYS[mart]
    names = tuple(key.split(", "))
    sql = f"SELECT {key}, count(*) AS copies FROM mart_{mart} GROUP BY {key}"  # noqa: S608 (our own names)
    return {mart}, Frame(f"{mart}_keys", names, sql)


def _of(mart: str, keys: str, columns: str) -> tuple[set[str], Frame]:
    return {mart}, Frame(mart, tuple(keys.split(", ")), f"SELECT {keys}, {columns} FROM mart_{mart}")  # noqa: S608


TITLES = """
    SELECT d.title_id, CASE WHEN any_value(t.id) IS NULL THEN 'no' ELSE 'yes' END AS title_known
    FROM mart_title_daily d LEFT JOIN known_titles t ON t.id = d.title_id GROUP BY d.title_id"""
CASES = " ".join(f"WHEN '{audience}' THEN '{' '.join(audience.origins)}'" for audience in Audience)
TOLD_AUDIENCE = "(SELECT any_value(value) FROM mart_about WHERE key = 'audience')"
AUDIENCE = f"string_split(CASE {TOLD_AUDIENCE} {CASES} ELSE '' END, ' ')"
HISTORY = f"""
    SELECT title_id, first_ms, completion, last_ms - first_ms AS span_ms,
        CASE WHEN list_contains({AUDIENCE}, origin) THEN 'yes' ELSE 'no' END AS counted
    FROM mart_viewing_history"""  # noqa: S608 (our own names)
DAILY_PLAYS = """
    SELECT strftime(coalesce(t.dt, a.dt), '%Y-%m-%d') AS dt, coalesce(t.plays, 0) - coalesce(a.plays, 0) AS plays_off,
        coalesce(t.watched_s, 0) - coalesce(a.watched_s, 0) AS watched_off_s
    FROM (SELECT dt, sum(plays) AS plays, sum(watched_s) AS watched_s FROM mart_title_daily GROUP BY dt) t
    FULL JOIN mart_daily_active a ON a.dt = t.dt"""
TITLE_PLAYS = """
    SELECT coalesce(t.title_id, e.title_id) AS title_id, coalesce(t.plays, 0) - coalesce(e.plays, 0) AS plays_off
    FROM (SELECT title_id, sum(plays) AS plays FROM mart_title_daily GROUP BY title_id) t
    FULL JOIN mart_title_engagement e ON e.title_id = t.title_id"""
COHORTS = """
    SELECT cohort_week, week, retention, active - size AS more_active, retention - active / nullif(size, 0) AS off
    FROM mart_retention_cohorts"""
CHURN = """
    SELECT month, plan, at_start + came - went - lost - at_end AS off,
        at_start - lag(at_end) OVER (PARTITION BY plan ORDER BY month) AS start_off,
        least(at_start, gained, returned, changed_in, changed_out, lost_voluntarily, lost_involuntarily) AS least,
        churn - lost / nullif(at_start, 0) AS rate_off
    FROM (SELECT *, gained + returned + changed_in AS came, changed_out AS went,
        lost_voluntarily + lost_involuntarily AS lost FROM mart_subscription_churn)"""
CHARTS = " UNION ALL BY NAME ".join(
    f"SELECT '{name}' AS chart, territory, greatest(abs(count(*) - max(rank)), abs(count(DISTINCT rank) - max(rank)))"  # noqa: S608
    f" AS rank_off, count(*) - count(DISTINCT title_id) AS copies FROM mart_{name} GROUP BY territory"
    for name in ("top10", "trending", "gems", "leaving")
)
EDGES = """
    SELECT session_id, edge, hit_ratio, disagreement, segments - requests AS more_segments,
        CASE WHEN disagreement IN ('missing_beacons', 'lost_beacons') THEN 'no' ELSE 'yes' END AS beacons_came,
        CASE WHEN disagreement IN ('missing_edge_log', 'lost_edge_lines') THEN 'no' ELSE 'yes' END AS log_came
    FROM mart_edge_sessions"""
PERSONAL = "@|[0-9]{4}[0-9 -]*[0-9]{2}|https?:"  # what counts no search: an address, a number
MISSES = f"""
    SELECT query, territory, askers, askers - times AS more_askers, days - times AS more_days,
        CASE WHEN regexp_matches(query, '{PERSONAL}') THEN 'yes' ELSE 'no' END AS personal
    FROM mart_search_misses"""  # noqa: S608 (our own names)
TOLD = f"""
    SELECT 'about' AS mart, round(told, 6) AS told, round(share, 6) AS share, told - share AS share_off FROM (SELECT
        (SELECT try_cast(any_value(value) AS DOUBLE) FROM mart_about WHERE key = 'simulated_share') AS told,
        (SELECT coalesce(count_if(origin = 'simulated') / nullif(count(*), 0), 0) FROM lake_playbacks
            WHERE list_contains({AUDIENCE}, origin)) AS share)"""  # noqa: S608 (our own names)


def _frames() -> tuple[tuple[set[str], Frame], ...]:
    rates = "completion_mean, completion_rate, abandon_rate"
    return (
        (set(), Frame("built", ("mart",), "SELECT * FROM built")),
        *(_once(mart) for mart in KEYS),
        _of("title_daily", "dt, title_id, country", "watched_s, viewers - plays AS more_viewers"),
        ({"title_daily"}, Frame("titles", ("title_id",), TITLES)),
        ({"viewing_history", "about"}, Frame("viewing_history", ("title_id", "first_ms"), HISTORY)),
        _of("title_engagement", "title_id", rates),
        _of("title_curve", "title_id, percent", "share"),
        _of("content_performance", "title_id", "share_28d, plays_7d - plays_28d AS more_in_7d"),
        _of("watched_together", "title_id, other_id", "cosine"),
        _of("daily_active", "dt", "dau - wau AS more_dau, wau - mau AS more_wau, new_viewers - dau AS more_new"),
        ({"retention_cohorts"}, Frame("retention_cohorts", ("cohort_week", "week"), COHORTS)),
        _of(
            "qoe_daily",
            "dt, edge, device, isp",
            "starts + exits_before_start + start_failures - attempts AS more_outcomes, rebuffer_ratio,"
            " startup_p50_ms - startup_p95_ms AS p50_over_p95_ms",
        ),
        _of(
            "search_funnel",
            "dt",
            "greatest(with_results - searches, selected - with_results, played - selected) AS widens",
        ),
        ({"search_misses"}, Frame("search_misses", ("query", "territory"), MISSES)),
        _of(
            "subscription_revenue",
            "month, plan, currency",
            "least(subscribers, paid_minor, refunded_minor, failed) AS least",
        ),
        ({"subscription_churn"}, Frame("subscription_churn", ("month", "plan"), CHURN)),
        _of(
            "trial_conversion",
            "week, plan",
            "converted + ended + running - begun AS off, least(converted, ended, running, days_to_convert) AS least,"
            " rate - converted / begun AS rate_off",
        ),
        _of(
            "experiment_results",
            "experiment, arm",
            "rate, greatest(low - rate, rate - high) AS outside,"
            " greatest(profiles - exposed, played - profiles) AS more",
        ),
        ({"edge_sessions"}, Frame("edge_sessions", ("session_id", "edge"), EDGES)),
        ({"top10", "trending", "gems", "leaving"}, Frame("charts", ("chart", "territory"), CHARTS)),
        ({"title_daily", "daily_active"}, Frame("daily_plays", ("dt",), DAILY_PLAYS)),
        ({"title_daily", "title_engagement"}, Frame("title_plays", ("title_id",), TITLE_PLAYS)),
        ({"about"}, Frame("about", ("mart", "told", "share"), TOLD)),
    )  # fmt: skip


def rules() -> tuple[Rule, ...]:
    """The expectations."""
    yes = ("yes",)
    once = (
        Rule(f"{mart}_is_there_once", f"{mart}_keys", "copies", "readers count it twice", within=(None, 1))
        for mart in KEYS
    )
    return (
        Rule("mart_is_there", "built", "there", "a model was not built or not exported", among=yes),
        *once,
        Rule("title_daily_watched_is_positive", "title_daily", "watched_s", "time does not run back", within=(0, None)),
        Rule("title_daily_viewers_play", "title_daily", "more_viewers", "each viewer has a play", within=(None, 0)),
        Rule("mart_title_is_known", "titles", "title_known", "a join was broken", among=yes, tolerated=LAG),
        Rule("history_completion_is_a_share", "viewing_history", "completion", "of the title", within=SHARE),
        Rule("history_ends_after_its_start", "viewing_history", "span_ms", "a clock was skewed", within=(0, None)),
        Rule("history_is_of_the_audience", "viewing_history", "counted", "simulated and real were mixed", among=yes),
        Rule("engagement_completion_is_a_share", "title_engagement", "completion_mean", "of the title", within=SHARE),
        Rule("engagement_completion_rate_is_a_rate", "title_engagement", "completion_rate", "of plays", within=SHARE),
        Rule("engagement_abandon_rate_is_a_rate", "title_engagement", "abandon_rate", "of plays", within=SHARE),
        Rule("curve_percent_is_in_title", "title_curve", "percent", "a hundred parts", within=(0, 99)),
        Rule("curve_share_is_a_share", "title_curve", "share", "of the sessions", within=SHARE),
        Rule("performance_share_is_a_share", "content_performance", "share_28d", "of all viewing", within=SHARE),
        Rule("performance_week_is_in_month", "content_performance", "more_in_7d", "seven days of 28", within=(None, 0)),
        Rule("likeness_is_a_share", "watched_together", "cosine", "of the viewers of both", within=SHARE),
        Rule("dau_is_within_wau", "daily_active", "more_dau", "a day lies in its week", within=(None, 0)),
        Rule("wau_is_within_mau", "daily_active", "more_wau", "a week lies in its month", within=(None, 0)),
        Rule("new_viewers_are_active", "daily_active", "more_new", "they are new because they watch", within=(None, 0)),
        Rule("retention_is_a_rate", "retention_cohorts", "retention", "of the cohort", within=SHARE),
        Rule("retained_are_of_the_cohort", "retention_cohorts", "more_active",
             "a join multiplied rows", within=(None, 0)),
        Rule("retention_follows", "retention_cohorts", "off", "active by size", within=NEAR),
        Rule("attempts_have_one_outcome", "qoe_daily", "more_outcomes", "start, exit or failure", within=(None, 0)),
        Rule("rebuffer_ratio_is_a_rate", "qoe_daily", "rebuffer_ratio", "of playing time", within=SHARE),
        Rule("startup_percentiles_are_in_order", "qoe_daily", "p50_over_p95_ms", "50 before 95", within=(None, 0)),
        Rule("funnel_narrows", "search_funnel", "widens", "each step is some of the one before", within=(None, 0)),
        Rule("misses_were_asked_by_several", "search_misses", "askers",
             "a rare query may be about who asks it", within=(LEAST_ASKERS, None)),
        Rule("misses_name_nobody", "search_misses", "personal", "addresses and numbers are not counted", among=("no",)),
        Rule("misses_were_asked_by_each", "search_misses", "more_askers", "who asks asks once", within=(None, 0)),
        Rule("misses_were_asked_on_each_day", "search_misses", "more_days", "a day has a search", within=(None, 0)),
        Rule("revenue_is_positive", "subscription_revenue", "least", "refunds are counted apart", within=(0, None)),
        Rule("churn_adds_up", "subscription_churn", "off", "at start, what came and what went", within=(0, 0)),
        Rule("churn_goes_on", "subscription_churn", "start_off",
             "a month begins with what the last one ended with", within=(0, 0)),
        Rule("churn_is_positive", "subscription_churn", "least", "accounts are counted", within=(0, None)),
        Rule("churn_follows", "subscription_churn", "rate_off", "lost by at start", within=NEAR),
        Rule("trials_add_up", "trial_conversion", "off", "each has one outcome", within=(0, 0)),
        Rule("trials_are_positive", "trial_conversion", "least", "accounts are counted", within=(0, None)),
        Rule("conversion_follows", "trial_conversion", "rate_off", "converted by begun", within=NEAR),
        Rule("experiment_rate_is_a_rate", "experiment_results", "rate", "of the exposed", within=SHARE),
        Rule("experiment_rate_is_in_its_interval", "experiment_results", "outside",
             "Wilson", within=(None, limits.ROUNDING)),
        Rule("experiment_counts_narrow", "experiment_results", "more",
             "played, of profiles, of exposures", within=(None, 0)),
        *_edge_rules(),
        Rule("chart_ranks_are_whole", "charts", "rank_off", "1, 2, 3 …", within=(0, 0)),
        Rule("chart_title_is_there_once", "charts", "copies", "a title has one place", within=(None, 0)),
        Rule("plays_are_equal_by_day", "daily_plays", "plays_off", "two marts count the same rows", within=(0, 0)),
        Rule("watched_is_equal_by_day", "daily_plays", "watched_off_s", "two marts add the same rows", within=(-1, 1)),
        Rule("plays_are_equal_by_title", "title_plays", "plays_off", "two marts count the same rows", within=(0, 0)),
        Rule("simulated_share_is_told", "about", "share_off", "pages say what is simulated", within=AS_TOLD),
        Rule("simulated_share_is_there", "about", "told", "pages say what is simulated", present=True),
    )  # fmt: skip


def _edge_rules() -> tuple[Rule, ...]:
    yes = ("yes",)
    return (
        Rule("edge_hit_ratio_is_a_share", "edge_sessions", "hit_ratio", "of requests", within=SHARE),
        Rule("edge_segments_are_requests", "edge_sessions", "more_segments", "each was asked for", within=(None, 0)),
        Rule("edge_disagreement_is_known", "edge_sessions", "disagreement",
             "readers know no other", among=DISAGREEMENTS),
        Rule("edges_and_beacons_agree", "edge_sessions", "beacons_came", "events of sessions that were served are lost",
             among=yes, tolerated=Tolerance(limits.BEACONS_WARN, None, limits.STRAY_ROWS)),
        Rule("edges_have_logged", "edge_sessions", "log_came", "lines of an edge's log are lost",
             among=yes, tolerated=Tolerance(limits.EDGE_LOG_WARN, None, limits.STRAY_ROWS)),
    )  # fmt: skip
