"""Searches hyper-parameters within a budget, on several backtest windows."""

from dataclasses import dataclass
from statistics import mean
from typing import TYPE_CHECKING, Any

from threadpoolctl import threadpool_limits

from marquee.contracts.errors import InvalidInput
from marquee.logs import log
from ml.champion import KEPT
from ml.dataset import Dataset
from ml.evaluate import evaluate
from ml.models.base import Model
from ml.models.ease import Ease
from ml.models.lightfm import LightFactors
from ml.split import Split, windows

if TYPE_CHECKING:
    import optuna

WINDOWS = 3


@dataclass(frozen=True)
class Found:
    """What a search found: parameters for Champion, and the mean nDCG@10 over the windows of each model with them."""

    params: dict[str, Any]
    ndcg: dict[str, float]
    trials: int


def search(data: Dataset, *, trials: int, seconds: float | None = None, seed: int = 0) -> Found:
    """Try up to `trials` settings of LightFM and of EASE each, `seconds` in all at most; the kept ones come first, so
    that nothing worse is found. The same data, seed and number of trials find the same. Raises InvalidInput where the
    data holds no backtest."""
    import optuna

    splits = windows(data, WINDOWS)
    if not splits:
        raise InvalidInput(
            "no backtest window", where="tune", expected="interactions at several moments", got=str(len(data))
        )
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    params, reached, done = {}, {}, 0
    for name in ("lightfm", "ease"):
        study = optuna.create_study(direction="maximize", sampler=optuna.samplers.TPESampler(seed=seed))
        study.enqueue_trial(KEPT[name])
        with threadpool_limits(1):
            study.optimize(
                lambda trial, name=name: _worth(_suggested(trial, name), splits, trial),
                n_trials=trials,
                timeout=None if seconds is None else seconds / 2,
            )
        params[name], reached[name] = {**KEPT[name], **study.best_params}, study.best_value
        done += len(study.trials)
        log.info("tuned", model=name, trials=len(study.trials), ndcg=round(study.best_value, 4), **params[name])
    return Found(params, reached, done)


def _suggested(trial: "optuna.Trial", name: str) -> Model:
    if name == "ease":
        return Ease(trial.suggest_float("penalty", 50, 50_000, log=True))
    return LightFactors(
        components=trial.suggest_categorical("components", [16, 32, 48, 64]),
        rate=trial.suggest_float("rate", 0.01, 0.1, log=True),
        penalty=trial.suggest_float("penalty", 1e-6, 1e-3, log=True),
        epochs=trial.suggest_int("epochs", 2, 12),
    )


def _worth(model: Model, splits: list[Split], trial: "optuna.Trial") -> float:
    found = [evaluate(model.fit(train).recommend, train, test).mean().value for train, test in splits]
    log.debug("trial", number=trial.number, ndcg=[round(value, 4) for value in found])
    return mean(found)
