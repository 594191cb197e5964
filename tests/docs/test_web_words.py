"""What the API may answer has words in the web app: in English, and so, by its own tests, in every language."""

import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from marquee.contracts.entitlement import Refusal
from marquee.contracts.members import AuditKind
from marquee.contracts.plans import SubscriptionState
from ml.serving.reasons import PLAIN

ROOT = Path(__file__).resolve().parents[2]
PROGRAMMERS = {"method-not-allowed", "idempotency-key-reused"}  # no viewer can cause them
ON_THEIR_PAGE = {"export-expired", "link-of-another"}  # words of the page that a link leads to
BY_TITLES = {"watched", "liked", "picks"}  # reasons that name titles


def words() -> set[str]:
    files = [ROOT / "web/src/lib/words.ts", *(ROOT / "web/src/words").glob("*.ts")]
    return {key for file in files for key in re.findall(r'^  "?([\w.-]+)"?:', file.read_text(), re.M)}


def problems() -> set[str]:
    """The types in the tables of the docs, which `tests/api` holds against the API."""
    rows = [
        row
        for name in ("playback-api", "members")
        for row in re.findall(r"^\| \d{3}[^|]*\|([^|]*)\|", (ROOT / f"docs/{name}.md").read_text(), re.M)
    ]
    found = {type_ for row in rows for type_ in re.findall(r"`([a-z-]+)`", row)}
    assert len(found) > 20
    return found - PROGRAMMERS


@pytest.mark.parametrize(
    ("start", "ends"),
    [
        ("problem.", problems() - ON_THEIR_PAGE),
        ("data.", ON_THEIR_PAGE),
        ("row.", {*PLAIN, *BY_TITLES}),
        ("kind.", AuditKind),
        ("state.", SubscriptionState),
    ],
)
def test_every_answer_has_words(start: str, ends: Iterable[str]) -> None:
    assert {f"{start}{end}" for end in ends} - words() == set()


def test_every_refusal_to_play_is_a_problem_or_has_words() -> None:
    hidden = {Refusal.WITHDRAWN, Refusal.UNPUBLISHED, Refusal.TERRITORY, Refusal.WINDOW}  # told as not found
    untold = {each for each in set(Refusal) - hidden if {f"refused.{each}", f"failure.{each}"}.isdisjoint(words())}
    assert untold == set()
