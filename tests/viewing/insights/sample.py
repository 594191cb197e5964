"""Marts of made-up viewers that agree with each other, written where dbt's export writes them."""

from pathlib import Path

import duckdb

LAST = "DATE '2026-03-29'"
NAMES = (
    "Der Zug nach Süden",
    "Grandma's <b>Secret</b> & Sons",
    "Ωmega",
    "雨の日",
    "The Long Way Round the World in a Very Small Boat with Two Cats, a Parrot and Nobody Who Can Read a Map:"
    " The Director's Uncut Extended Edition",
)
QUOTED = ", ".join("'{}'".format(name.replace("'", "''")) for name in NAMES)
SESSIONS = f"""
CREATE TABLE sessions AS SELECT
    dt::DATE AS dt, 1000 + n AS profile_id, 500 + (hash(n, dt, 1) % 25)::BIGINT AS title_id,
    CASE WHEN n % 20 = 0 THEN 'demo' ELSE 'simulated' END AS origin,
    ['DE', 'FR', 'US'][1 + n % 3] AS country, least(1.0, (hash(n, dt, 2) % 1000) / 800) AS completion, 600.0 AS full_s,
    ['edge-a', 'edge-b'][1 + (n % 2)] AS edge, ['tv', 'phone', 'desktop'][1 + n % 3] AS device,
    ['Netz AG', 'Kabel & Co', 'unknown'][1 + n % 3] AS isp,
    700 + (hash(n, dt, 3) % 900) + CASE WHEN n % 11 = 0 THEN 2500 ELSE 0 END AS startup_ms
FROM generate_series({LAST} - 59, {LAST}, INTERVAL 1 DAY) d(dt), range(240) v(n)
WHERE hash(n, dt) % 100 < 20 + 10 * (dayofweek(dt) IN (0, 6))::INT + (dt::DATE - ({LAST} - 59)) // 4
    AND dt::DATE >= {LAST} - 59 + ((n % 6) * 7)::INTEGER;
CREATE TABLE titles AS SELECT 500 + i AS title_id,
    coalesce(([{QUOTED}])[i + 1], 'Title ' || i) AS name FROM range(25) r(i);
CREATE TABLE firsts AS SELECT profile_id, min(dt) AS first_dt FROM sessions GROUP BY 1;
"""
MARTS = {
    "title_daily": """SELECT dt, title_id, country, count(*) AS plays, count(DISTINCT profile_id) AS viewers,
        sum(completion * full_s) AS watched_s, count_if(completion >= .9) AS completions FROM sessions GROUP BY ALL""",
    "viewing_history": """SELECT profile_id, title_id, min(origin) AS origin, epoch_ms(min(dt)) AS first_ms,
        epoch_ms(max(dt)) AS last_ms, count(*) AS plays, sum(completion * full_s) AS watched_s,
        max(completion) AS completion, bool_or(completion >= .9) AS completed FROM sessions GROUP BY 1, 2""",
    "title_engagement": """SELECT title_id, any_value(name) AS name, count(*) AS plays,
        count(DISTINCT profile_id) AS viewers, sum(completion * full_s) AS watched_s,
        avg(completion) AS completion_mean, count_if(completion >= .9) / count(*) AS completion_rate,
        count_if(completion < .1) / count(*) AS abandon_rate
        FROM sessions JOIN titles USING (title_id) GROUP BY 1""",
    "title_curve": """SELECT title_id, p::INT AS percent, count_if(completion * 100 > p) AS watched,
        count_if(completion * 100 > p) / count(*) AS share,
        count_if(least(99, floor(completion * 100)) = p) AS drop_offs FROM sessions, range(100) r(p) GROUP BY 1, 2""",
    "content_performance": f"""SELECT title_id, any_value(name) AS name, 'drama, comedy' AS genres, 0 AS published_ms,
        count_if(dt > {LAST} - 7) AS plays_7d, count(*) AS plays_28d, count(DISTINCT profile_id) AS viewers_28d,
        sum(completion * full_s) AS watched_s_28d,
        sum(completion * full_s) / sum(sum(completion * full_s)) OVER () AS share_28d, 1.0 AS trend
        FROM sessions JOIN titles USING (title_id) WHERE dt > {LAST} - 28 GROUP BY 1""",
    "daily_active": """SELECT d.dt, count(DISTINCT profile_id) FILTER (s.dt = d.dt) AS dau,
        count(DISTINCT profile_id) FILTER (s.dt > d.dt - 7) AS wau, count(DISTINCT profile_id) AS mau,
        count_if(s.dt = d.dt) AS plays, coalesce(sum(completion * full_s) FILTER (s.dt = d.dt), 0) AS watched_s,
        count(DISTINCT profile_id) FILTER (s.dt = d.dt AND first_dt = d.dt) AS new_viewers
        FROM (SELECT DISTINCT dt FROM sessions) d JOIN sessions s ON s.dt BETWEEN d.dt - 27 AND d.dt
        JOIN firsts USING (profile_id) GROUP BY 1""",
    "retention_cohorts": """WITH sizes AS (SELECT date_trunc('week', first_dt)::DATE AS cohort_week, count(*) AS size
        FROM firsts GROUP BY 1) SELECT cohort_week, ((dt - first_dt) // 7)::INT AS week, any_value(size) AS size,
        count(DISTINCT profile_id) AS active, count(DISTINCT profile_id) / any_value(size) AS retention,
        true AS complete
        FROM sessions JOIN firsts USING (profile_id) JOIN sizes ON cohort_week = date_trunc('week', first_dt)
        GROUP BY 1, 2""",
    "qoe_daily": """SELECT dt, edge, device, isp, count(*) + 2 AS attempts, count(*) AS starts,
        quantile_cont(startup_ms, .5) AS startup_p50_ms, quantile_cont(startup_ms, .95) AS startup_p95_ms,
        1 AS exits_before_start, 1 AS start_failures, 0 AS refused, 1 AS fatal, .002 + (hash(dt) % 100) / 50000
        AS rebuffer_ratio, 4.2e6 AS bitrate_mean, 3 AS dropped FROM sessions GROUP BY 1, 2, 3, 4""",
    "search_funnel": """SELECT dt, count(*) AS searches, (count(*) * .9)::BIGINT AS with_results,
        (count(*) * .5)::BIGINT AS selected, (count(*) * .3)::BIGINT AS played FROM sessions GROUP BY 1""",
    "search_misses": """SELECT query, territory, 'de' AS language, 4 * askers AS times, askers, 3::BIGINT AS days,
        min(dt) AS first_day, max(dt) AS last_day FROM sessions,
        (VALUES ('zeppelin <b>', '*', 9), ('zeppelin <b>', 'DE', 6), ('osaka', '*', 12)) t(query, territory, askers)
        GROUP BY query, territory, askers""",
    "subscription_revenue": """SELECT DISTINCT date_trunc('month', dt)::DATE AS month, p.plan, c.currency,
        120::BIGINT AS subscribers, 95880::BIGINT AS paid_minor, 799::BIGINT AS refunded_minor, 3::BIGINT AS failed
        FROM sessions, (VALUES ('basic'), ('family')) p(plan), (VALUES ('EUR'), ('JPY')) c(currency)""",
    "subscription_churn": """SELECT month, plan, 100 + 10 * nth AS at_start, 20::BIGINT AS gained,
        3::BIGINT AS returned, 2::BIGINT AS changed_in, 3::BIGINT AS changed_out,
        8::BIGINT AS lost_voluntarily, 4::BIGINT AS lost_involuntarily,
        110 + 10 * nth AS at_end, 12 / (100 + 10 * nth) AS churn
        FROM (SELECT month, p.plan, row_number() OVER (PARTITION BY p.plan ORDER BY month) AS nth
        FROM (SELECT DISTINCT date_trunc('month', dt)::DATE AS month FROM sessions),
        (VALUES ('basic'), ('family')) p(plan))""",
    "trial_conversion": """SELECT DISTINCT date_trunc('week', dt)::DATE AS week, 'basic' AS plan, 40::BIGINT AS begun,
        22::BIGINT AS converted, 11::BIGINT AS ended, 7::BIGINT AS running, 13.5::DOUBLE AS days_to_convert,
        22 / 40 AS rate FROM sessions""",
    "experiment_results": """SELECT * FROM (VALUES
        ('rows', 'control', 1200, 3100, 480, .4, .373, .428, NULL, NULL, NULL),
        ('rows', 'blend', 1180, 3000, 531, .45, .422, .478, .05, .01, .09))
        t(experiment, arm, profiles, exposed, played, rate, low, high, lift, lift_low, lift_high)""",
    "watched_together": """SELECT a.title_id, (b.title_id - a.title_id)::INT AS rank,
        b.title_id AS other_id, b.name AS other_name, 9::BIGINT AS viewers, .5 AS cosine
        FROM titles a JOIN titles b ON b.title_id BETWEEN a.title_id + 1 AND a.title_id + 7""",
    "top10": f"""SELECT '*' AS territory, row_number() OVER (ORDER BY count(*) DESC, title_id)::INT AS rank, title_id,
        count(*) AS plays FROM sessions WHERE dt > {LAST} - 7 GROUP BY title_id QUALIFY rank <= 10""",
    "trending": """SELECT '*' AS territory, row_number() OVER (ORDER BY title_id)::INT AS rank, title_id,
        2.5::DOUBLE AS score FROM titles QUALIFY rank <= 10""",
    "edge_sessions": """SELECT dt, row_number() OVER (ORDER BY dt, profile_id, title_id) AS session_id, edge,
        20 AS requests, 18 AS segments, .9 AS hit_ratio, 'none' AS disagreement FROM sessions""",
    "gems": "SELECT '*' AS territory, 1 AS rank, 501 AS title_id, .9 AS score",
    "leaving": "SELECT '*' AS territory, 1 AS rank, 502 AS title_id, 9::BIGINT AS until_ms",
}  # fmt: skip


def write(warehouse: Path, *, simulated_share: float = 0.95, audience: str = "all", tables: str = SESSIONS) -> None:
    """Every mart, below `warehouse`/marts."""
    (warehouse / "marts").mkdir(parents=True, exist_ok=True)
    about = f"""SELECT * FROM (VALUES ('audience', '{audience}'), ('simulated_share', '{simulated_share}'),
        ('first_day', '2026-01-29'), ('last_day', '2026-03-29')) t(key, value)"""
    with duckdb.connect() as connection:
        connection.execute(tables)
        for name, query in {**MARTS, "about": about}.items():
            connection.execute(f"COPY ({query}) TO '{warehouse}/marts/{name}.parquet' (FORMAT parquet)")


def change(warehouse: Path, name: str, query: str) -> None:
    """Replace a mart by a query on it, which knows it as `mart`."""
    path = warehouse / "marts" / f"{name}.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE mart AS FROM '{path}'")
        connection.execute(f"COPY ({query}) TO '{path}' (FORMAT parquet)")
