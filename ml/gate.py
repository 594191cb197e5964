"""The promotion gate: pure rules over evaluations of one held-out window.

A recommender is refitted every night, mostly by the same recipe (parameters and seed) on newer data. Such a refresh
is not asked to be better than itself; it must not have become worse. Another recipe must beat the champion's, refitted
on the same training part, beyond the paired interval. Both must hold against popularity, the measure of all.
"""

from dataclasses import dataclass

from ml.evaluate import Evaluation, Mean, paired

MAIN = "ndcg"
PAIRED_GUARDS = ("recall", "map")
COHORT_GUARDS = ("new", "kids", "heavy")
MARGIN = 0.05  # by which a guard's mean may fall
SCALE_MARGIN = 0.10  # by which coverage may fall and popularity bias may grow
FEWEST = 30  # viewers of a cohort, and of the window, below which nothing can be judged by it


@dataclass(frozen=True)
class Check:
    """One rule, whether it holds, and why in words."""

    name: str
    passed: bool
    words: str


@dataclass(frozen=True)
class Decision:
    """What the gate says: promoted when every check holds."""

    promoted: bool
    kind: str  # first, refresh, better
    checks: tuple[Check, ...]


@dataclass(frozen=True)
class Incumbent:
    """The champion as the gate sees it: evaluated on the same window, and what was known when it was promoted.

    `evaluation` is None where its recipe cannot be fitted any more. `lift` is its nDCG over popularity's less 1, None
    where it did not beat popularity beyond doubt.
    """

    model: str
    same_recipe: bool
    evaluation: Evaluation | None
    lift: float | None = None


def decide(
    challenger: Evaluation, popularity: Evaluation, incumbent: Incumbent | None = None, barred: str = ""
) -> Decision:
    """Whether a challenger is promoted. `barred`: why a person rolled its recipe back, empty if nobody did."""
    checks = [_window(challenger), _popularity(challenger, popularity, incumbent)]
    reference, name = popularity, "popularity"
    if incumbent and incumbent.evaluation:
        reference, name = incumbent.evaluation, f"the champion {incumbent.model}"
        checks.append(_main(challenger, reference, name, same=incumbent.same_recipe))
    elif incumbent:
        checks.append(Check("main", True, f"the recipe of {incumbent.model} cannot be fitted by today's code"))
    if incumbent and incumbent.lift is not None:
        checks.append(_standing(challenger, popularity, incumbent))
    checks += _guards(challenger, reference, name, scales=bool(incumbent and incumbent.evaluation))
    if barred:
        checks.append(Check("barred", False, f"a person rolled this recipe back: {barred}"))
    kind = "first" if incumbent is None else "refresh" if incumbent.same_recipe else "better"
    return Decision(all(check.passed for check in checks), kind, tuple(checks))


def lift(challenger: Evaluation, popularity: Evaluation) -> float | None:
    """nDCG over popularity's less 1; None where it is not above 0 beyond doubt."""
    base = popularity.mean(MAIN).value
    gain = paired(challenger, popularity, MAIN)
    return gain.value / base if gain.low > 0 and base > 0 else None


def _window(challenger: Evaluation) -> Check:
    viewers = len(challenger.rows)
    if viewers == 0:
        return Check(
            "window", False, "nobody watched anything new in the held-out window: there is nothing to judge by"
        )
    if viewers < FEWEST:
        return Check("window", True, f"only {viewers} viewers in the held-out window: intervals are wide")
    return Check("window", True, f"{viewers} viewers in the held-out window")


def _popularity(challenger: Evaluation, popularity: Evaluation, incumbent: Incumbent | None) -> Check:
    if not len(challenger.rows):
        return Check("popularity", False, "not judged")
    gain = paired(challenger, popularity, MAIN)
    if gain.low > 0:
        return Check("popularity", True, f"better than popularity: nDCG {_signed(gain)}")
    if gain.high < 0:
        return Check("popularity", False, f"worse than popularity: nDCG {_signed(gain)}")
    tied = f"no different from popularity beyond doubt: nDCG {_signed(gain)}"
    if incumbent is not None and incumbent.lift is not None:
        return Check("popularity", False, f"{tied}; the champion was better than it when it was promoted")
    return Check("popularity", True, f"{tied}; good enough until a model beats it")


def _main(challenger: Evaluation, reference: Evaluation, name: str, *, same: bool) -> Check:
    gain = paired(challenger, reference, MAIN)
    if same:
        words = f"the recipe of {name} on newer data: it need not be better, nDCG {_signed(gain)}"
        return Check("main", gain.high >= 0, words)
    if gain.low > 0:
        return Check("main", True, f"better than {name}: nDCG {_signed(gain)}")
    verdict = "worse than" if gain.high < 0 else "not better beyond doubt than"
    return Check("main", False, f"{verdict} {name}: nDCG {_signed(gain)}")


def _standing(challenger: Evaluation, popularity: Evaluation, incumbent: Incumbent) -> Check:
    """A champion's lead over popularity may shrink from night to night; halved beyond doubt, something is broken."""
    gain, base, stood = paired(challenger, popularity, MAIN), popularity.mean(MAIN).value, incumbent.lift or 0.0
    best = gain.high / base if base else 0.0
    words = f"leads popularity by {gain.value / base if base else 0:.0%}, the champion led by {stood:.0%} when promoted"
    return Check("standing", best >= stood / 2, words)


def _guards(challenger: Evaluation, reference: Evaluation, name: str, *, scales: bool) -> list[Check]:
    checks = [_guard(challenger, reference, metric, name) for metric in PAIRED_GUARDS]
    cohorts = (cohort for cohort in COHORT_GUARDS if cohort in challenger.cohorts and cohort in reference.cohorts)
    checks += [_cohort(challenger, reference, cohort, name) for cohort in cohorts]
    if scales:
        checks += [
            _scale("coverage", challenger.coverage, reference.coverage, -1),
            _scale("popularity_bias", challenger.popularity_bias, reference.popularity_bias, 1),
        ]
    return checks


def _guard(challenger: Evaluation, reference: Evaluation, metric: str, name: str, cohort: str = "") -> Check:
    """Worse is what falls by more than the margin, and beyond doubt."""
    label = f"{metric} {cohort}".strip()
    base = reference.mean(metric, cohort or None).value
    change = _difference(challenger, reference, metric, cohort)
    worse = change.value < -MARGIN * base and change.high < 0
    return Check(label, not worse, f"{label}: {_signed(change)} against {name}'s {base:.4f}")


def _cohort(challenger: Evaluation, reference: Evaluation, cohort: str, name: str) -> Check:
    size = int(challenger.cohorts[cohort].sum())
    if size < FEWEST:
        return Check(f"{MAIN} {cohort}", True, f"{MAIN} {cohort}: not judged, {size} viewers are too few")
    return _guard(challenger, reference, MAIN, name, cohort)


def _difference(challenger: Evaluation, reference: Evaluation, metric: str, cohort: str) -> Mean:
    if not cohort:
        return paired(challenger, reference, metric)
    return paired(_within(challenger, cohort), _within(reference, cohort), metric)


def _within(found: Evaluation, cohort: str) -> Evaluation:
    mask = found.cohorts[cohort]
    values = {metric: value[mask] for metric, value in found.per_viewer.items()}
    return Evaluation(found.k, found.rows[mask], values, found.coverage, found.novelty, found.popularity_bias)


def _scale(name: str, value: float, base: float, worse: int) -> Check:
    """A figure of the whole: `worse` is the direction in which it must not go by more than its margin."""
    passed = worse * (value - base) <= SCALE_MARGIN * base
    return Check(name, passed, f"{name.replace('_', ' ')}: {value:.3f} against {base:.3f}")


def _signed(mean: Mean) -> str:
    return f"{mean.value:+.4f} ({mean.low:+.4f} to {mean.high:+.4f})"
