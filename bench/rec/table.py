"""Prints the results of all models in one table, with confidence intervals."""

from bench.figures import Figure
from bench.rec.trial import Result
from ml.evaluate import Evaluation, Mean, paired


def gain(champion: Result, other: Result) -> Mean:
    """The champion's nDCG@10 minus another's, viewer by viewer, with its interval."""
    return paired(champion.evaluation, other.evaluation)


def show_main(results: dict[str, Result], diverse: Evaluation) -> None:
    """Viewers with a history: one line each, and how far the champion leads."""
    head = (
        "",
        "nDCG@10",
        "recall",
        "prec.",
        "MAP",
        "cover",
        "novelty",
        "bias",
        "fit s",
        "viewers/s",
        "champion leads by",
    )
    print("\n{:28} {:26} {:>6} {:>6} {:>6} {:>6} {:>7} {:>5} {:>7} {:>9} {}".format(*head))
    champion = results["champion"]
    for name, one in results.items():
        lead = "" if one is champion else str(gain(champion, one))
        print(_line(name, one.evaluation), f"{one.fit_s:7.1f} {one.viewers_s:9,.0f} {lead}")
    print(_line("champion, diverse", diverse))
    for cohort, mask in champion.evaluation.cohorts.items():
        if mask.any():
            print(f"{f'champion, {cohort} viewers':28} {champion.evaluation.mean('ndcg', cohort)} of {mask.sum()}")


def _line(name: str, found: Evaluation) -> str:
    recall, precision, average = (found.mean(metric).value for metric in ("recall", "precision", "map"))
    return (
        f"{name:28} {found.mean()!s:26} {recall:6.4f} {precision:6.4f} {average:6.4f} {found.coverage:6.3f} "
        f"{found.novelty:7.2f} {found.popularity_bias:5.2f}"
    )


def show_cold(what: str, found: dict[str, Evaluation], hybrid: str) -> list[Figure]:
    """Cold viewers or titles: a line each; how far the hybrid leads LightFM without features."""
    print(f"\ncold {what} ({len(next(iter(found.values())).rows)} viewers)")
    for name, one in found.items():
        print(f"{name:28} {one.mean()}")
    lead = paired(found[hybrid], found["LightFM"])
    print(f"{hybrid} leads LightFM by {lead}")
    figures = [Figure(f"rec.cold_{what}.lightfm_hybrid_lead_low", lead.low, "ndcg")]
    if "champion" in found:
        figures.append(Figure(f"rec.cold_{what}.champion", found["champion"].mean().value, "ndcg"))
    return figures
