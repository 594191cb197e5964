"""Runs Tesseract over pictures of text; the program and its language packs come from the distribution."""

import csv
import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from io import StringIO
from pathlib import Path

import langcodes

from marquee.contracts.errors import Unavailable
from marquee.tools.process import run

START_S, PICTURE_S = 60.0, 10.0  # allowed
ONE_BLOCK = "6"  # page segmentation mode: a uniform block of text
# Packs whose names are not the language's three letters (ISO 639-2/T), by language, or language and script.
PACKS = {"zh-Hans": "chi_sim", "zh-Hant": "chi_tra", "nb": "nor", "nn": "nor", "no": "nor", "sr-Latn": "srp_latn"}


@dataclass(frozen=True)
class Word:
    """A word with Tesseract's confidence in it, 0 to 100; `line` tells the lines of a picture apart."""

    text: str
    confidence: float
    line: tuple[int, int, int]


def tesseract() -> str:
    """The program. Raises Unavailable where it is not installed."""
    if found := os.environ.get("MARQUEE_TESSERACT") or shutil.which("tesseract"):
        return found
    raise Unavailable("Tesseract is not installed", where="tesseract", expected="apt-get install tesseract-ocr")


def pack(language: str) -> str:
    """The language pack for a BCP 47 tag, as Tesseract names it: `deu` for `de-AT`."""
    tag = langcodes.get(language).maximize()
    named = PACKS.get(f"{tag.language}-{tag.script}") or PACKS.get(tag.language or "")
    return named or tag.to_alpha3(variant="T")


@lru_cache
def packs() -> frozenset[str]:
    """The language packs that are installed. Raises Unavailable without Tesseract."""
    return frozenset(run([tesseract(), "--list-langs"], timeout_s=START_S).stdout.decode().split("\n")[1:])


def require(language: str) -> str:
    """The pack of a language. Raises Unavailable, naming the package, where it is missing."""
    wanted = pack(language)
    if wanted not in packs():
        package = f"tesseract-ocr-{wanted.replace('_', '-')}"
        raise Unavailable(
            f"Tesseract has no language pack for {language}",
            where=wanted,
            expected=f"apt-get install {package}",
            got=", ".join(sorted(packs() - {""})),
        )
    return wanted


def read(
    pictures: Sequence[Path], language: str, folder: Path, on_picture: Callable[[int], None] = lambda _: None
) -> list[list[Word]]:
    """The words of each picture, in order; `folder` is for the lists. `on_picture` gets how many are begun.

    One process reads all: loading a language takes longer than reading a line. It has one thread, because more cost
    more than they bring on pictures so small. Raises Unavailable, and ToolFailed when Tesseract fails.
    """
    wanted = require(language)
    if not pictures:
        return []
    listed, output = folder / "pictures.txt", folder / "words"
    listed.write_text("".join(f"{path}\n" for path in pictures))
    begun = iter(range(1, len(pictures) + 1))

    def count(line: str) -> None:
        if line.startswith("Page "):
            on_picture(next(begun, len(pictures)))

    argv = ["env", "OMP_THREAD_LIMIT=1", tesseract(), str(listed), str(output), "-l", wanted, "--psm", ONE_BLOCK, "tsv"]
    run(argv, timeout_s=START_S + PICTURE_S * len(pictures), on_error_line=count)
    return _words(output.with_suffix(".tsv").read_text(encoding="utf-8"), len(pictures))


def _words(table: str, pictures: int) -> list[list[Word]]:
    found: list[list[Word]] = [[] for _ in range(pictures)]
    for row in csv.DictReader(StringIO(table), delimiter="\t", quoting=csv.QUOTE_NONE):
        if text := (row["text"] or "").strip():
            line = int(row["block_num"]), int(row["par_num"]), int(row["line_num"])
            found[int(row["page_num"]) - 1].append(Word(text, float(row["conf"]), line))
    return found
