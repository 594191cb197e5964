"""A night's candidates on one held-out window: a run for each, within the night's."""

from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from marquee.contracts.errors import InvalidInput, MarqueeError
from marquee.logs import log
from ml import registry, results, split, tracking
from ml.dataset import Dataset
from ml.evaluate import Evaluation, evaluate
from ml.recipe import Recipe, candidates

TRAINED_ON = 0.9  # of the interactions; the newest are the window that candidates are judged by
EPOCHS = 6  # of the learning curve: LightFM is kept at 4, so that its turn can be seen
LEARNING = 2_000  # viewers that the curve is drawn from
JUDGED = 10_000  # viewers of the window at most, by lot


def judge(data: Dataset, recipe: Recipe) -> dict[str, Evaluation]:
    """Each candidate, the champion's recipe and that of the incumbent, by name; none where there is no window."""
    try:
        past, window = split.temporal(data, share=TRAINED_ON)
    except InvalidInput as error:
        log.warning("nothing to judge by", why=str(error))
        return {}
    rows = _lot(window, recipe.seed)
    tracking.mlflow().log_metrics({"window.viewers": len(rows), "window.events": len(window), "past.events": len(past)})
    _learning(recipe.seed, past, window, rows)
    found = {}
    for name, make in candidates(recipe.seed).items():
        found[name] = _candidate(name, make().fit(past), past, window, rows)
    found["champion"] = _candidate("champion", recipe.fit(past, "backtest"), past, window, rows)
    if incumbent := _incumbent(recipe, past, window, rows):
        found["incumbent"] = incumbent
    return found


def _lot(window: Dataset, seed: int) -> NDArray[np.int64]:
    viewers = np.unique(window.user).astype(np.int64)
    if len(viewers) <= JUDGED:
        return viewers
    return np.sort(np.random.default_rng(seed).choice(viewers, JUDGED, replace=False))


def _learning(seed: int, past: Dataset, window: Dataset, rows: NDArray[np.int64]) -> None:
    """LightFM's nDCG on the window after each epoch: by the same seed, each fit begins as the shorter one did."""
    from ml.models.lightfm import LightFactors

    with tracking.series("backtest") as on_progress:
        for epoch in range(1, EPOCHS + 1):
            found = evaluate(
                LightFactors(epochs=epoch, seed=seed).fit(past).recommend, past, window, rows=rows[:LEARNING]
            )
            on_progress("lightfm", epoch, {"ndcg": float(found.per_viewer["ndcg"].mean())})


def _candidate(name: str, model: Any, past: Dataset, window: Dataset, rows: NDArray[np.int64]) -> Evaluation:
    found = evaluate(model.recommend, past, window, rows=rows)
    with tracking.nested(name, {"candidate": name}):
        library = tracking.mlflow()
        library.log_metrics(_figures(found))
        library.log_params(tracking.params(_settings(model)))
    log.info("judged", candidate=name, ndcg=str(found.mean()))
    return found


def _figures(found: Evaluation) -> dict[str, float]:
    """What can be compared: the number of viewers is the same for all, and stands with the window."""
    return {name: value for name, value in tracking.finite(found.summary()).items() if name != "viewers"}


def _settings(model: Any) -> dict[str, Any]:
    """The parameters of a model: its own account, or the plain values that it holds."""
    plain = {name: value for name, value in vars(model).items() if isinstance(value, bool | int | float | str)}
    found: dict[str, Any] = getattr(model, "params", plain)
    return found


def _incumbent(recipe: Recipe, past: Dataset, window: Dataset, rows: NDArray[np.int64]) -> Evaluation | None:
    """The champion's recipe on the same past, where it is another one and can still be fitted."""
    crowned = registry.aliased(registry.CHAMPION)
    if crowned is None or crowned.tags["recipe"] == recipe.text():
        return None
    tracking.mlflow().set_tag("incumbent", str(crowned.number))
    try:
        model = Recipe.parse(crowned.tags["recipe"]).fit(past, "incumbent")
    except (MarqueeError, KeyError, TypeError, ValueError) as error:
        log.warning("the champion's recipe cannot be fitted any more", version=crowned.number, why=str(error))
        return None
    return _candidate("incumbent", model, past, window, rows)


def show(found: dict[str, Evaluation]) -> None:
    """Put the champion's metrics on the night's run, with everybody's viewer by viewer, pictures and a table."""
    library = tracking.mlflow()
    if not found:
        library.set_tag("judged", "no")
        return
    library.log_metrics(_figures(found["champion"]))
    library.log_dict({name: _figures(one) for name, one in found.items()}, "candidates.json")
    with TemporaryDirectory(prefix="marquee-judge-") as folder:
        results.save(found, folder)
        library.log_artifacts(folder, "evaluations")
    _draw(found)


def _draw(found: dict[str, Evaluation]) -> None:
    from ml import plots

    library = tracking.mlflow()
    pictures = {
        "comparison": plots.comparison(found),
        "cohorts": plots.cohorts(found),
        "coverage": plots.coverage(found),
        "learning": plots.learning(_curves(library.active_run().info.run_id)),
    }
    for name, figure in pictures.items():
        library.log_figure(figure, f"plots/{name}.png")


def _curves(run_id: str) -> dict[str, list[tuple[int, float]]]:
    """The metrics by epoch of the champion as it was judged."""
    client = tracking.client()
    names = [name for name in client.get_run(run_id).data.metrics if name.startswith("backtest.")]
    histories = {name.removeprefix("backtest."): client.get_metric_history(run_id, name) for name in names}
    return {name: [(point.step, point.value) for point in points] for name, points in histories.items()}
