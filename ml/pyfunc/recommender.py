"""The registered model, from code: titles that somebody has watched or picked in, titles to show them out.

Its one artifact is the folder that champion_files.save wrote, with the title of each column beside it.
"""

from pathlib import Path
from typing import Any

import numpy as np
from mlflow.models import set_model
from mlflow.pyfunc import PythonModel

BEST = 10


class Recommender(PythonModel):
    """Folds in histories of anybody, known or not, without another fit."""

    def load_context(self, context: Any) -> None:
        from ml import champion_files

        folder = Path(context.artifacts["model"])
        self.champion = champion_files.load(folder / "champion")
        self.titles = np.load(folder / "titles.npy", allow_pickle=False)
        self.column = {str(title): column for column, title in enumerate(self.titles)}

    def predict(self, model_input: list[list[str]]) -> list[list[str]]:
        """For each list of title ids (strings, as in all JSON; unknown ones are passed over) the best titles."""
        known = [[self.column[title] for title in history if title in self.column] for history in model_input]
        found = self.champion.fold_in(known, n=BEST)
        return [[str(self.titles[column]) for column in row if column >= 0] for row in found]


set_model(Recommender())
