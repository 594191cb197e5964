"""Stores evaluations as files, so that models can be compared viewer by viewer later."""

import json
from pathlib import Path

import numpy as np

from ml.evaluate import Evaluation

SCALARS = ("k", "coverage", "novelty", "popularity_bias")


def save(evaluations: dict[str, Evaluation], folder: str | Path) -> None:
    """Write each as `<name>.npz`. Rows are numbers of the dataset: no viewer is named."""
    Path(folder).mkdir(parents=True, exist_ok=True)
    for name, found in evaluations.items():
        scalars = json.dumps({scalar: getattr(found, scalar) for scalar in SCALARS})
        arrays = {f"metric {metric}": values for metric, values in found.per_viewer.items()}
        arrays |= {f"cohort {cohort}": mask for cohort, mask in found.cohorts.items()}
        np.savez_compressed(Path(folder) / f"{name}.npz", rows=found.rows, scalars=np.array(scalars), **arrays)


def load(folder: Path) -> dict[str, Evaluation]:
    """The evaluations of a folder, by name."""
    return {path.stem: _one(path) for path in sorted(folder.glob("*.npz"))}


def _one(path: Path) -> Evaluation:
    with np.load(path, allow_pickle=False) as file:
        scalars = json.loads(str(file["scalars"]))
        kinds: dict[str, dict[str, np.ndarray]] = {"metric": {}, "cohort": {}}
        for key in file.files:
            kind, _, name = key.partition(" ")
            if name:
                kinds[kind][name] = file[key]
        return Evaluation(rows=file["rows"], per_viewer=kinds["metric"], cohorts=kinds["cohort"], **scalars)
