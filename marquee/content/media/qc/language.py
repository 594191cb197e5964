"""The language that a subtitle file is written in, against the one that it is said to be in."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import langcodes

LEAST_LETTERS = 400  # shorter texts are not judged
PART = 25  # lines that are judged together
SURE = 0.75  # of the parts, by their letters, speak another language
NEAR = 25  # langcodes.tag_distance of languages that are taken for each other: Danish and Norwegian, Czech and Slovak
SISTERS = ("hr bs sr", "zh yue wuu", "en pcm", "pt gl", "ar ary arz", "it vec lij", "fr wa oc", "es gl ext an ca")


def written_in(lines: Sequence[str]) -> str | None:
    """The language that most of a text is in, as a two-letter code; none of a short or a mixed one.

    The detector is py3langid: naive Bayes over character sequences, 140 languages, no network.
    """
    text = [line for line in lines if any(map(str.isalpha, line))]
    if sum(len(line) for line in text) < LEAST_LETTERS:
        return None
    votes: Counter[str] = Counter()
    for part in _parts(text):
        votes[_detector().classify(part)[0]] += len(part)
    language, count = votes.most_common(1)[0]
    return language if count >= SURE * votes.total() else None


def contradicts(declared: str, found: str) -> bool:
    """Whether two languages are too different to be taken for each other."""
    if declared in ("", "und", "mul", "zxx"):
        return False
    both = {langcodes.Language.get(declared).language or "", found}
    sisters = any(both <= set(each.split()) for each in SISTERS)
    return not sisters and langcodes.tag_distance(declared, found) > NEAR


def _parts(lines: Sequence[str]) -> Iterator[str]:
    return (" ".join(lines[n : n + PART]) for n in range(0, len(lines), PART))


def _detector() -> Any:
    """Its model takes a second to load, so it is loaded when it is needed."""
    import py3langid

    return py3langid
