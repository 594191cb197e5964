"""The gate and the registry: what is promoted, what is refused, and the way back."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from marquee.catalogue import recommendations
from marquee.catalogue.database import begin
from marquee.contracts.errors import Conflict, NotFound
from ml import gate, promote, publish_job, registry, report, results, tracking, train
from ml.evaluate import Evaluation
from ml.gate import Incumbent
from tests.ml.nights import QUICK, night

VIEWERS = 800
FEEBLE = {"components": 2, "rate": 0.05, "penalty": 1e-5, "epochs": 1}
WORSE: dict[str, Any] = {**QUICK, "least_interactions": 10**9, "lightfm": FEEBLE}


def evaluation(ndcg: float, *, seed: int = 0, viewers: int = VIEWERS, **changes: Any) -> Evaluation:
    """An evaluation with such a mean; noise is mostly the viewers' own, as it is between real models."""
    own, random = np.random.default_rng(99), np.random.default_rng(seed)
    values = np.clip(ndcg + 0.1 * own.standard_normal(viewers) + 0.02 * random.standard_normal(viewers), 0, 1)
    values += ndcg - values.mean() if viewers else 0.0
    per_viewer = {"ndcg": values, "recall": values / 4, "map": values / 8, "precision": values / 2}
    cohorts = {"new": np.arange(viewers) % 4 == 0, "kids": np.arange(viewers) % 5 == 0, "heavy": np.arange(viewers) < 9}
    found = Evaluation(10, np.arange(viewers), per_viewer, 0.2, 9.0, 3.0, cohorts)
    return replace(found, **changes)


def shifted(found: Evaluation, by: float, *, metric: str = "ndcg", cohort: str | None = None) -> Evaluation:
    mask = found.cohorts[cohort] if cohort else np.ones(len(found.rows), bool)
    return replace(found, per_viewer={**found.per_viewer, metric: found.per_viewer[metric] + by * mask})


def failed(decision: gate.Decision) -> list[str]:
    return [check.name for check in decision.checks if not check.passed]


POPULAR, CHAMPION = evaluation(0.25), evaluation(0.30)
OTHER = Incumbent("recommender/1", False, CHAMPION, lift=0.2)
SAME = replace(OTHER, same_recipe=True)


def test_the_first_model_must_beat_popularity_or_be_no_different() -> None:
    assert gate.decide(CHAMPION, POPULAR).promoted
    assert gate.decide(POPULAR, POPULAR).promoted
    assert failed(gate.decide(evaluation(0.22), POPULAR))[0] == "popularity"


def test_another_recipe_must_be_better_beyond_doubt() -> None:
    better = gate.decide(shifted(CHAMPION, 0.02), POPULAR, OTHER)
    assert (better.promoted, better.kind) == (True, "better")
    assert failed(gate.decide(evaluation(0.3003, seed=4), POPULAR, OTHER)) == ["main"]
    assert "main" in failed(gate.decide(evaluation(0.28, seed=4), POPULAR, OTHER))


def test_the_same_recipe_on_newer_data_need_not_be_better_but_must_still_stand() -> None:
    same = gate.decide(CHAMPION, POPULAR, SAME)
    assert (same.promoted, same.kind) == (True, "refresh")
    tied = evaluation(0.2503, seed=5)
    assert failed(gate.decide(tied, POPULAR, replace(SAME, evaluation=tied))) == ["popularity", "standing"]
    faded = evaluation(0.262)
    assert failed(gate.decide(faded, POPULAR, replace(SAME, evaluation=faded))) == ["standing"]


@pytest.mark.parametrize(
    ("spoilt", "guard"),
    [
        (shifted(CHAMPION, -0.02, metric="recall"), "recall"),
        (shifted(CHAMPION, -0.10, cohort="kids"), "ndcg kids"),
        (shifted(CHAMPION, -0.06, cohort="new"), "ndcg new"),
        (replace(CHAMPION, coverage=0.17), "coverage"),
        (replace(CHAMPION, popularity_bias=3.5), "popularity_bias"),
    ],
)
def test_better_on_the_whole_and_worse_on_a_guard_is_refused(spoilt: Evaluation, guard: str) -> None:
    assert failed(gate.decide(shifted(spoilt, 0.03), POPULAR, OTHER)) == [guard]


def test_few_viewers_decide_nothing_and_that_is_said() -> None:
    small = {"viewers": 12}
    decision = gate.decide(evaluation(0.26, **small), evaluation(0.25, **small))
    assert decision.promoted
    words = " ".join(check.words for check in decision.checks)
    assert "only 12 viewers" in words
    assert "not judged, 3 viewers are too few" in words
    nobody = evaluation(0.3, viewers=0)
    assert failed(gate.decide(nobody, nobody))[:2] == ["window", "popularity"]


def words(decision: gate.Decision, name: str) -> str:
    return next(check.words for check in decision.checks if check.name == name)


@pytest.mark.parametrize(("viewers", "said"), [(29, "only 29 viewers"), (30, "30 viewers in the held-out window")])
def test_from_thirty_viewers_on_a_window_says_enough(viewers: int, said: str) -> None:
    found = words(gate.decide(evaluation(0.3, viewers=viewers), evaluation(0.25, viewers=viewers)), "window")
    assert found.startswith(said)
    assert ("intervals are wide" in found) is (viewers < 30)


@pytest.mark.parametrize(("viewers", "judged"), [(116, False), (117, True)])
def test_from_thirty_viewers_on_a_cohort_is_judged(viewers: int, judged: bool) -> None:
    """Every fourth is new: 29 of 116, 30 of 117."""
    decision = gate.decide(evaluation(0.3, viewers=viewers), evaluation(0.25, viewers=viewers))
    assert ("not judged" not in words(decision, "ndcg new")) is judged


def test_a_cohort_that_one_side_lacks_is_left_out() -> None:
    lacking = replace(CHAMPION, cohorts={"kids": CHAMPION.cohorts["kids"]})
    for pair in ((lacking, POPULAR), (CHAMPION, replace(POPULAR, cohorts=lacking.cohorts))):
        assert [c.name for c in gate.decide(*pair).checks if c.name.startswith("ndcg")] == ["ndcg kids"]


def test_the_lift_is_the_gain_over_popularity_where_that_is_beyond_doubt() -> None:
    assert gate.lift(CHAMPION, POPULAR) == pytest.approx(0.30 / 0.25 - 1, abs=1e-6)
    assert gate.lift(POPULAR, POPULAR) is None
    assert gate.lift(evaluation(0.22), POPULAR) is None
    nothing = replace(POPULAR, per_viewer={**POPULAR.per_viewer, "ndcg": np.zeros(VIEWERS)})
    assert gate.lift(CHAMPION, nothing) is None


def test_the_words_tell_worse_from_not_better() -> None:
    assert words(gate.decide(evaluation(0.28, seed=4), POPULAR, OTHER), "main").startswith("worse than the champion")
    tied = words(gate.decide(CHAMPION, POPULAR, OTHER), "main")
    assert tied.startswith("not better beyond doubt than the champion")


def test_a_lead_over_nothing_stands_at_nought() -> None:
    nothing = replace(POPULAR, per_viewer={**POPULAR.per_viewer, "ndcg": np.zeros(VIEWERS)})
    decision = gate.decide(CHAMPION, nothing, SAME)
    assert words(decision, "standing").startswith("leads popularity by 0%")
    assert "standing" in failed(decision)


@pytest.mark.parametrize(("by", "passes"), [(-0.04, True), (-0.06, False)])
def test_a_guard_may_fall_by_a_twentieth(by: float, passes: bool) -> None:
    base = float(CHAMPION.per_viewer["recall"].mean())
    decision = gate.decide(shifted(shifted(CHAMPION, 0.02), by * base, metric="recall"), POPULAR, OTHER)
    assert ("recall" not in failed(decision)) is passes


def test_a_guard_that_may_have_fallen_by_chance_passes() -> None:
    noise = np.random.default_rng(5).standard_normal(VIEWERS)
    base = CHAMPION.per_viewer["recall"]
    chance = base - 0.08 * base.mean() + (noise - noise.mean()) * 0.2
    decision = gate.decide(
        replace(shifted(CHAMPION, 0.02), per_viewer={**shifted(CHAMPION, 0.02).per_viewer, "recall": chance}),
        POPULAR,
        OTHER,
    )
    assert "recall" not in failed(decision)


@pytest.mark.parametrize(("share", "passes"), [(0.07, True), (0.12, False)])
def test_figures_of_the_whole_may_move_by_a_tenth(share: float, passes: bool) -> None:
    better = shifted(CHAMPION, 0.02)
    less = gate.decide(replace(better, coverage=CHAMPION.coverage * (1 - share)), POPULAR, OTHER)
    more = gate.decide(replace(better, popularity_bias=CHAMPION.popularity_bias * (1 + share)), POPULAR, OTHER)
    assert ("coverage" not in failed(less), "popularity_bias" not in failed(more)) == (passes, passes)


def test_a_recipe_that_a_person_rolled_back_stays_back() -> None:
    assert failed(gate.decide(shifted(CHAMPION, 0.02), POPULAR, OTHER, barred="too loud")) == ["barred"]


def test_evaluations_survive_being_kept(tmp_path: Any) -> None:
    results.save({"a b": CHAMPION, "c": POPULAR}, tmp_path)
    kept = results.load(tmp_path)
    assert list(kept) == ["a b", "c"]
    assert kept["c"].summary() == POPULAR.summary()
    assert gate.decide(kept["a b"], kept["c"]) == gate.decide(CHAMPION, POPULAR)


def test_the_report_says_what_stood_against_it() -> None:
    decision = gate.decide(shifted(shifted(CHAMPION, 0.03), -0.1, cohort="kids"), POPULAR, OTHER)
    text = report.markdown(
        "recommender/2", decision, {"champion": CHAMPION, "popularity": POPULAR}, {"data": "<x>"}, OTHER
    )
    assert text.startswith("# recommender/2 was not promoted")
    assert "What stood against it: ndcg kids" in text
    assert text.rindex("| champion |") < text.rindex("| popularity |")
    page = report.html("t", text)
    assert "<td class=no>no</td>" in page
    assert "&lt;x&gt;" in page


@pytest.mark.slow
@pytest.mark.usefixtures("mlflow_server")
def test_from_night_to_night_and_back() -> None:
    """First, refresh, a worse recipe, a better one, rollback: the registry, the run and what is served agree."""
    data = night()
    with pytest.raises(NotFound):
        promote.rollback("nothing there")
    worse = train.train(data=data, params=WORSE)
    assert promote.promote(worse.run_id).kind == "first"
    assert champion() == worse.version
    first = publish_job.publish_champion()
    run = tracking.client().get_run(worse.run_id)
    assert run.data.tags["promoted"] == "yes"
    assert f"recommender/{worse.version} was promoted" in registry_text(worse.version)
    with tracking.fetched(worse.run_id, "report.html") as page:
        assert "was promoted" in page.read_text()

    better = train.train(data=data, params=QUICK)
    tracking.client().set_tag(better.run_id, "incumbent", "99")
    with pytest.raises(Conflict, match="train again"):
        promote.promote(better.run_id)
    tracking.client().set_tag(better.run_id, "incumbent", str(worse.version))
    decision = promote.promote(better.run_id)
    assert (decision.promoted, decision.kind) == (True, "better"), decision
    assert promote.promote(better.run_id) == decision
    assert champion() == better.version
    assert publish_job.publish_champion() != first
    assert served() == f"recommender/{better.version}"

    again = train.train(data=data, params=WORSE)
    assert "main" in failed(promote.promote(again.run_id))
    assert champion() == better.version

    broken = train.train(data=night(shuffled=True), params=QUICK)
    refused = promote.promote(broken.run_id)
    assert refused.kind == "refresh"
    assert "popularity" in failed(refused)
    assert champion() == better.version
    assert "was not promoted" in registry_text(broken.version)

    assert promote.rollback("viewers complained").number == worse.version
    assert champion() == worse.version
    assert publish_job.publish_champion() == first
    assert served() == f"recommender/{worse.version}"
    barred = promote.promote(train.train(data=data, params=QUICK).run_id)
    assert failed(barred) == ["barred"]
    assert "viewers complained" in barred.checks[-1].words


def champion() -> int:
    crowned = registry.aliased(registry.CHAMPION)
    assert crowned is not None
    return crowned.number


def registry_text(version: int) -> str:
    return str(tracking.client().get_model_version(registry.NAME, str(version)).description)


def served() -> str:
    with begin() as session:
        live = recommendations.live_generation(session)
        assert live is not None
        return live.model
