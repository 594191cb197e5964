"""The checkpoint of the marts: those that agree pass; one that is changed behind dbt's back is caught by name."""

from pathlib import Path
from typing import Any

import pytest

from marquee.contracts.errors import GateFailed
from marquee.contracts.lake import PLAYBACKS, TITLES
from marquee.contracts.qc import Severity
from marquee.viewing import lake
from marquee.viewing.expectations import checkpoints, marts
from tests.viewing.insights import sample

pytest.importorskip("great_expectations")

FAULTS = {
    "title_daily_is_there_once": ("title_daily", "FROM mart UNION ALL (FROM mart LIMIT 1)"),
    "title_daily_watched_is_positive": ("title_daily", "SELECT * REPLACE (watched_s - 700 AS watched_s) FROM mart"),
    "title_daily_viewers_play": ("title_daily", "SELECT * REPLACE (plays + 1 AS viewers) FROM mart"),
    "mart_title_is_known": ("title_daily", "SELECT * REPLACE (title_id + 2 AS title_id) FROM mart"),
    "history_completion_is_a_share": ("viewing_history", "SELECT * REPLACE (completion * 2 AS completion) FROM mart"),
    "history_ends_after_its_start": ("viewing_history", "SELECT * REPLACE (first_ms - 1 AS last_ms) FROM mart"),
    "history_is_of_the_audience": ("about", "SELECT key, replace(value, 'all', 'real') AS value FROM mart"),
    "engagement_completion_is_a_share": ("title_engagement", "SELECT * REPLACE (-.1 AS completion_mean) FROM mart"),
    "engagement_completion_rate_is_a_rate": ("title_engagement", "SELECT * REPLACE (1.1 AS completion_rate) FROM mart"),
    "engagement_abandon_rate_is_a_rate": ("title_engagement", "SELECT * REPLACE (1.1 AS abandon_rate) FROM mart"),
    "curve_percent_is_in_title": ("title_curve", "SELECT * REPLACE (percent + 1 AS percent) FROM mart"),
    "curve_share_is_a_share": ("title_curve", "SELECT * REPLACE (share * 2 AS share) FROM mart"),
    "performance_share_is_a_share": ("content_performance", "SELECT * REPLACE (4.5 AS share_28d) FROM mart"),
    "performance_week_is_in_month": ("content_performance", "SELECT * REPLACE (plays_28d + 1 AS plays_7d) FROM mart"),
    "likeness_is_a_share": ("watched_together", "SELECT * REPLACE (1.5 AS cosine) FROM mart"),
    "dau_is_within_wau": ("daily_active", "SELECT * REPLACE (wau + 1 AS dau) FROM mart"),
    "wau_is_within_mau": ("daily_active", "SELECT * REPLACE (mau + 1 AS wau) FROM mart"),
    "new_viewers_are_active": ("daily_active", "SELECT * REPLACE (dau + 1 AS new_viewers) FROM mart"),
    "retention_is_a_rate": ("retention_cohorts", "SELECT * REPLACE (1.2 AS retention) FROM mart"),
    "retained_are_of_the_cohort": ("retention_cohorts", "SELECT * REPLACE (size + 1 AS active) FROM mart"),
    "retention_follows": ("retention_cohorts", "SELECT * REPLACE (retention / 2 AS retention) FROM mart"),
    "attempts_have_one_outcome": ("qoe_daily", "SELECT * REPLACE (starts AS attempts) FROM mart"),
    "rebuffer_ratio_is_a_rate": ("qoe_daily", "SELECT * REPLACE (1.5 AS rebuffer_ratio) FROM mart"),
    "startup_percentiles_are_in_order": ("qoe_daily", "SELECT * REPLACE (1 AS startup_p95_ms) FROM mart"),
    "funnel_narrows": ("search_funnel", "SELECT * REPLACE (selected + 1 AS played) FROM mart"),
    "misses_were_asked_by_several": ("search_misses", "SELECT * REPLACE (4 AS askers) FROM mart"),
    "misses_name_nobody": ("search_misses", "SELECT * REPLACE (query || '@example.org' AS query) FROM mart"),
    "misses_were_asked_by_each": ("search_misses", "SELECT * REPLACE (times + 1 AS askers) FROM mart"),
    "misses_were_asked_on_each_day": ("search_misses", "SELECT * REPLACE (times + 1 AS days) FROM mart"),
    "revenue_is_positive": ("subscription_revenue", "SELECT * REPLACE (-1 AS refunded_minor) FROM mart"),
    "churn_adds_up": ("subscription_churn", "SELECT * REPLACE (gained + 1 AS gained) FROM mart"),
    "churn_goes_on": ("subscription_churn", "FROM mart WHERE month <> DATE '2026-02-01'"),
    "churn_is_positive": ("subscription_churn", "SELECT * REPLACE (-1 AS returned) FROM mart"),
    "churn_follows": ("subscription_churn", "SELECT * REPLACE (churn * 2 AS churn) FROM mart"),
    "trials_add_up": ("trial_conversion", "SELECT * REPLACE (running + 1 AS running) FROM mart"),
    "trials_are_positive": ("trial_conversion", "SELECT * REPLACE (-0.5 AS days_to_convert) FROM mart"),
    "conversion_follows": ("trial_conversion", "SELECT * REPLACE (rate / 2 AS rate) FROM mart"),
    "experiment_rate_is_a_rate": ("experiment_results", "SELECT * REPLACE (1.5 AS rate) FROM mart"),
    "experiment_rate_is_in_its_interval": ("experiment_results", "SELECT * REPLACE (.9 AS low) FROM mart"),
    "experiment_counts_narrow": ("experiment_results", "SELECT * REPLACE (profiles + 1 AS played) FROM mart"),
    "chart_ranks_are_whole": ("top10", "FROM mart WHERE rank <> 4"),
    "chart_title_is_there_once": ("trending", "SELECT * REPLACE (500 AS title_id) FROM mart"),
    "plays_are_equal_by_day": ("title_daily", "FROM mart WHERE dt <> DATE '2026-03-01'"),
    "watched_is_equal_by_day": ("daily_active", "SELECT * REPLACE (watched_s * 1.1 AS watched_s) FROM mart"),
    "plays_are_equal_by_title": ("title_engagement", "SELECT * REPLACE (plays + 1 AS plays) FROM mart"),
    "edge_hit_ratio_is_a_share": ("edge_sessions", "SELECT * REPLACE (1.5 AS hit_ratio) FROM mart"),
    "edge_segments_are_requests": ("edge_sessions", "SELECT * REPLACE (requests + 1 AS segments) FROM mart"),
    "edge_disagreement_is_known": ("edge_sessions", "SELECT * REPLACE ('quarrel' AS disagreement) FROM mart"),
    "simulated_share_is_told": ("about", "SELECT key, if(key = 'simulated_share', '0', value) AS value FROM mart"),
    "simulated_share_is_there": ("about", "FROM mart WHERE key <> 'simulated_share'"),
}


WARNINGS = {"edges_and_beacons_agree": "lost_beacons", "edges_have_logged": "lost_edge_lines"}


@pytest.fixture
def warehouse(small: Any, home: Path) -> Path:
    for row in small.playbacks[: len(small.playbacks) * 19 // 20]:
        row["origin"] = "simulated"
    lake.write(PLAYBACKS, "part-0.parquet", small.playbacks, dt="2026-03-14")
    titles = [{"title_id": 500 + n, "name": f"Title {n}", "origin": "catalogue"} for n in range(25)]
    lake.write(TITLES, "titles.parquet", titles, source="catalogue")
    sample.write(home / "warehouse")
    return home / "warehouse"


def verdicts(report: checkpoints.CheckpointReport) -> dict[str, Severity]:
    return {outcome.name: outcome.verdict for outcome in report.outcomes}


def test_marts_that_agree_pass_every_expectation(warehouse: Path) -> None:
    report = checkpoints.check("marts")
    assert set(verdicts(report).values()) == {Severity.PASS}
    assert {outcome.name for outcome in report.outcomes} == {rule.name for rule in marts.rules()}
    assert set(FAULTS) | set(WARNINGS) | {f"{mart}_is_there_once" for mart in marts.KEYS} | {"mart_is_there"} == set(
        verdicts(report)
    )


def test_a_mart_that_is_not_built_stops_what_follows(warehouse: Path) -> None:
    (warehouse / "marts" / "daily_active.parquet").unlink()
    with pytest.raises(GateFailed, match=rf"mart_is_there on built: 1 of {len(marts.NAMES)} rows; .*mart=daily_active"):
        checkpoints.check("marts")


def test_changed_marts_are_caught_by_name(warehouse: Path) -> None:
    """All faults in as few looks as they allow: faults of one mart take turns."""
    waiting = dict(FAULTS)
    while waiting:
        turn = {mart: name for name, (mart, _) in reversed(waiting.items())}
        for mart, name in turn.items():
            sample.change(warehouse, mart, waiting.pop(name)[1])
        found = verdicts(checkpoints.inspect("marts"))
        assert {name: found[name] for name in turn.values()} == dict.fromkeys(turn.values(), Severity.FAIL)
        sample.write(warehouse)


@pytest.mark.parametrize(("name", "called"), WARNINGS.items())
def test_where_edges_and_viewers_disagree_too_often_is_told(warehouse: Path, name: str, called: str) -> None:
    sample.change(warehouse, "edge_sessions", f"SELECT * REPLACE ('{called}' AS disagreement) FROM mart")
    assert verdicts(checkpoints.check("marts"))[name] == Severity.WARN
