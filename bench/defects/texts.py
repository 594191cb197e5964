"""Defects of subtitle files: real lines of dialogue with something wrong, judged without a film."""

from collections.abc import Callable
from random import Random

from marquee.content.media.qc.captions import CaptionFile

PROGRAMME_S = 300.0
LINES = {
    "en": "Where have you been all this time, and why did nobody tell me anything about it?",
    "de": "Wo bist du denn die ganze Zeit gewesen, und warum hat mir niemand etwas davon gesagt?",
    "fr": "Où étais-tu pendant tout ce temps, et pourquoi personne ne m'en a-t-il parlé avant?",
    "es": "¿Dónde has estado todo este tiempo y por qué nadie me ha contado nada de todo esto?",
}
Cues = list[tuple[float, float, str]]
Planted = tuple[Cues, str, tuple[float, float] | None]
"""Cues, the declared language, and where the defect is."""


def clean(language: str) -> Cues:
    """A caption each six seconds, shown for five and a half, at 15 characters a second."""
    return [(6.0 * n + 0.25, 6.0 * n + 5.75, f"{LINES[language]}") for n in range(45)]


def _changed(rng: Random, change: Callable[[float, float, str], tuple[float, float, str]]) -> Planted:
    cues, number = clean("en"), rng.randrange(3, 40)
    cues[number] = change(*cues[number])
    return cues, "en", cues[number][:2]


def overlap(rng: Random) -> Planted:
    early = rng.uniform(0.6, 1.5)
    cues, _, at = _changed(rng, lambda a, b, text: (a - early, b, text))
    return cues, "en", at and (at[0], at[0] + early - 0.5)


def past_the_end(rng: Random) -> Planted:
    at = PROGRAMME_S - rng.uniform(0.5, 2), PROGRAMME_S + rng.uniform(0.2, 4)
    return [*clean("en"), (*at, "The end.")], "en", at


def too_fast(rng: Random) -> Planted:
    return _changed(rng, lambda a, _, text: (a, a + len(text) / rng.uniform(23, 40), text))


def empty(rng: Random) -> Planted:
    return _changed(rng, lambda a, b, _: (a, b, rng.choice(("<i></i>", " ", "&nbsp;"))))


def wrong_language(rng: Random) -> Planted:
    written, said = rng.sample(sorted(LINES), 2)
    return clean(written), said, None


def undecodable(rng: Random) -> Planted:  # noqa: ARG001
    return [], "en", None


KINDS: dict[str, tuple[Callable[[Random], Planted], str]] = {
    "caption overlap": (overlap, "captions_overlap"),
    "caption past the end": (past_the_end, "captions_past_end"),
    "caption too fast": (too_fast, "captions_fast"),
    "caption empty": (empty, "captions_empty"),
    "caption language": (wrong_language, "captions_language"),
    "caption undecodable": (undecodable, "captions_undecodable"),
}


def file(cues: Cues, language: str) -> CaptionFile:
    """A SubRip file; without cues, one of bytes that are none."""
    if not cues:
        return CaptionFile(b"\x89PNG\r\n\x1a\n" + bytes(range(256)), language)
    blocks = (f"{n}\n{_clock(a)} --> {_clock(b)}\n{text}\n" for n, (a, b, text) in enumerate(cues, start=1))
    return CaptionFile("\n".join(blocks).encode(), language, "utf-8")


def _clock(seconds: float) -> str:
    minutes, ms = divmod(round(seconds * 1000), 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{ms // 1000:02},{ms % 1000:03}"
