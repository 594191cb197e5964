"""What a viewer is shown: rows from published lists. Pure, and without anything that trains models.

`assemble` makes a page of rows, `words_of` says why a row is there, `Experiment.arm` says which side of a test a viewer
is on.
"""

from ml.serving.experiments import Experiment
from ml.serving.inputs import Lists, ServedTitles, TitleFacts, Viewer, Watched
from ml.serving.page import Row, assemble
from ml.serving.reasons import Words, words_of

__all__ = [
    "Experiment",
    "Lists",
    "Row",
    "ServedTitles",
    "TitleFacts",
    "Viewer",
    "Watched",
    "Words",
    "assemble",
    "words_of",
]
