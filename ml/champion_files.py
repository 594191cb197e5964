"""A champion as files: `titles.npz` (what was learned of titles), `viewers.npz` (a row per viewer, without ids),
`champion.json` and the ranker's trees as text. No pickle; the same champion gives the same bytes."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from marquee.contracts.errors import InvalidInput, NotFound
from ml import champion_stages
from ml.candidate_stage import Stage
from ml.champion import Champion
from ml.features import Facts
from ml.models.base import Model
from ml.ranker import Ranker

Arrays = dict[str, NDArray]
FORMAT = 2
RANKER = "ranker.txt"
PERSONAL_FACTS = ("viewer", "taste", "people")


def save(champion: Champion, folder: Path) -> None:
    """Write npz, JSON and text into a folder. Rows of viewers are in it, no ids of theirs."""
    folder.mkdir(parents=True, exist_ok=True)
    shared: Arrays = {"shown": champion.stages[champion_stages.VIEWERS].shown, "prices": champion.prices}
    stage = champion.stages[champion_stages.VIEWERS]
    personal: Arrays = {"known": champion.known, **_sparse("seen", next(iter(stage.models.values())).seen)}
    personal |= _sparse("withheld", stage.withheld)
    known = stage.facts
    for name in ("viewer", "title", "taste", "traits", "likeness", "people"):
        (personal if name in PERSONAL_FACTS else shared)[f"facts.{name}"] = getattr(known, name)
    for key, model in _models(champion.stages).items():
        for target, names in ((shared, model.arrays), (personal, model.personal)):
            for name in names:
                value = getattr(model, name)
                target.update(
                    _sparse(f"{key}.{name}", value) if isinstance(value, csr_array) else {f"{key}.{name}": value}
                )
    np.savez(folder / "titles.npz", **shared)
    np.savez(folder / "viewers.npz", **personal)
    if champion.ranker.trees is not None:
        (folder / RANKER).write_text(champion.ranker.trees.model_to_string())
    (folder / "champion.json").write_text(json.dumps(_document(champion), sort_keys=True, indent=1) + "\n")


def _document(champion: Champion) -> dict[str, Any]:
    known = champion.stages[champion_stages.VIEWERS].facts
    return {
        "format": FORMAT,
        "params": champion.params,
        "seed": champion.seed,
        "viewer_names": known.viewer_names,
        "title_names": known.title_names,
        "stages": {name: sorted(stage.models) for name, stage in champion.stages.items()},
    }


def load(folder: Path) -> Champion:
    """The champion that was saved there; it recommends the same. Raises NotFound; InvalidInput for another format."""
    if not (folder / "champion.json").is_file():
        raise NotFound("no champion was saved here", where=str(folder), expected="champion.json")
    document = json.loads((folder / "champion.json").read_text())
    if document["format"] != FORMAT:
        raise InvalidInput(
            "another format of a champion", where=str(folder), expected=str(FORMAT), got=str(document["format"])
        )
    arrays: Arrays = {}
    for name in ("titles.npz", "viewers.npz"):
        with np.load(folder / name, allow_pickle=False) as file:
            arrays |= {key: file[key] for key in file.files}
    champion = Champion(document["params"], seed=document["seed"])
    champion.known, champion.prices = arrays["known"], arrays["prices"]
    champion.stages = _stages(champion, document, arrays)
    champion.ranker = _ranker(folder / RANKER)
    return champion


def _stages(champion: Champion, document: dict[str, Any], arrays: Arrays) -> dict[str, Stage]:
    seen, shown = _value(arrays, "seen"), arrays["shown"]
    withheld = _value(arrays, "withheld") if "withheld/data" in arrays else seen  # earlier champions knew no opinions
    known = Facts(
        viewer_names=tuple(document["viewer_names"]),
        title_names=tuple(document["title_names"]),
        **{name.removeprefix("facts."): value for name, value in arrays.items() if name.startswith("facts.")},
    )
    made = champion_stages.make(champion.params, champion.seed, len(shown))
    for key, model in _models_of(made).items():
        model.seen, model.withheld, model.shown = seen, withheld, shown
        for name in (*model.arrays, *model.personal):
            setattr(model, name, _value(arrays, f"{key}.{name}"))
    return {name: Stage(models, champion_stages.WEIGHTS[name], known, withheld, shown) for name, models in made.items()}


def _models(found: dict[str, Stage]) -> dict[str, Model]:
    return _models_of({name: dict(stage.models) for name, stage in found.items()})


def _models_of(found: dict[str, dict[str, Model]]) -> dict[str, Model]:
    """Every model once, by name; both stages share some."""
    return {key: model for models in found.values() for key, model in models.items()}


def _sparse(name: str, matrix: csr_array) -> Arrays:
    parts = {part: getattr(matrix, part) for part in ("data", "indices", "indptr")}
    return {f"{name}/{part}": value for part, value in parts.items()} | {f"{name}/shape": np.array(matrix.shape)}


def _value(arrays: Arrays, name: str) -> Any:
    if name in arrays:
        return arrays[name]
    data, indices, indptr, shape = (arrays[f"{name}/{part}"] for part in ("data", "indices", "indptr", "shape"))
    return csr_array((data, indices, indptr), shape=tuple(shape))


def _ranker(path: Path) -> Ranker:
    ranker = Ranker()
    if path.is_file():
        import lightgbm

        ranker.trees = lightgbm.Booster(model_str=path.read_text())
    return ranker
