"""A night's training: every candidate on the same past, judged on the same window after it, the champion on it all."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from marquee.contracts.errors import InvalidInput
from marquee.logs import log
from marquee.settings import settings
from ml import champion_files, dataset, registry, split, tracking, training_tables, tune, viewer_index
from ml.candidate_runs import TRAINED_ON, judge, show
from ml.champion import Champion
from ml.dataset import Dataset
from ml.recipe import Params, Recipe

EXPERIMENT = "recommender"
CODE = Path(__file__).parent / "pyfunc" / "recommender.py"
NEEDED = ["lightfm-next", "lightgbm", "numpy", "scipy"]


@dataclass(frozen=True)
class TrainedRun:
    """What a night's training made: its MLflow run, the version registered, and the champion's nDCG (NaN: unjudged)."""

    run_id: str
    version: int
    ndcg: float


def train(
    *, as_of: int | None = None, data: Dataset | None = None, params: Params | None = None, seed: int | None = None
) -> TrainedRun:
    """Fit, judge, refit on everything, register as challenger.

    `data` is the lake's by default, `as_of` a moment (Unix ms) after which nothing counts. Without `params`, the kept
    ones or, with the setting `tuning_trials`, those that a search finds. The same data, parameters and seed give the
    same model: its hash stands in the tag `model_sha256`. Raises InvalidInput without any viewing.
    """
    given, data = data is not None, dataset.load(as_of=as_of) if data is None else data
    if not len(data):
        raise InvalidInput("nobody has watched anything that counts", where="lake/interactions", expected="some rows")
    recipe = _recipe(data, params, settings().model_seed if seed is None else seed)
    name = datetime.now(UTC).strftime("%Y-%m-%d %H:%M")
    tags = _tags(data, recipe) | ({} if given else {"simulated_share": f"{training_tables.simulated_share():.3f}"})
    with tracking.run(EXPERIMENT, name, tags) as run_id:
        tracking.mlflow().log_params(tracking.params(recipe.params) | {"seed": recipe.seed})
        found = judge(data, recipe)
        show(found)
        version = _register(run_id, recipe.fit(data, "all"), data, tags)
    log.info("trained", run=run_id, version=version, data=data.fingerprint()[:12])
    return TrainedRun(run_id, version, found["champion"].mean().value if found else float("nan"))


def _recipe(data: Dataset, params: Params | None, seed: int) -> Recipe:
    """The given parameters, or what a search of `tuning_trials` finds; the kept ones without. It searches in what comes
    before the window that the night is judged by."""
    trials = settings().tuning_trials
    if params is not None or not trials:
        return Recipe.of(params, seed)
    try:
        past, _ = split.temporal(data, share=TRAINED_ON)
        return Recipe.of(tune.search(past, trials=trials, seed=seed).params, seed)
    except InvalidInput as error:
        log.warning("nothing to tune on", why=str(error))
        return Recipe.of(None, seed)


def _tags(data: Dataset, recipe: Recipe) -> dict[str, str]:
    return {
        "data": data.fingerprint(),
        "data_until_ms": str(int(data.time[-1])),
        "audience": settings().counted,
        "code": tracking.code_version(),
        "recipe": recipe.text(),
        "viewers": str(data.shape[0]),
        "titles": str(data.shape[1]),
        "interactions": str(len(data)),
    }


def write_model(folder: Path, champion: Champion, data: Dataset) -> str:
    """Write the model's artifact, without any viewer's id; returns its SHA-256, over names and contents of files."""
    champion_files.save(champion, folder / "champion")
    np.save(folder / "titles.npy", data.items)
    return tracking.folder_hash(folder)


def _register(run_id: str, champion: Champion, data: Dataset, tags: dict[str, str]) -> int:
    library = tracking.mlflow()
    viewer_index.write(run_id, data.users)
    with TemporaryDirectory(prefix="marquee-model-") as name:
        folder = Path(name) / "model"
        sha256 = write_model(folder, champion, data)
        info = library.pyfunc.log_model(
            name="model",
            python_model=str(CODE),
            artifacts={"model": str(folder)},
            pip_requirements=NEEDED,
            input_example=[[str(title) for title in data.items[:2]]],
        )
    library.set_tag("model_sha256", sha256)
    return registry.register(info.model_uri, tags | {"model_sha256": sha256}).number
