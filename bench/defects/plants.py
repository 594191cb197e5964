"""A defect as parts of ffmpeg's command, and random places for it."""

from dataclasses import dataclass
from random import Random

from bench.defects.films import SIZE, Film

W, H = SIZE
AS_STAMPED = ("-fps_mode", "passthrough")


@dataclass(frozen=True)
class Plant:
    """How a defect gets into a film, as parts of ffmpeg's graph and arguments.

    `picture` and `sound` are filters; `before` is a source that is put before the film, of `before_s` seconds, with a
    sound of `before_sound`; `after` one behind it. `start_s` and `end_s` are where it has to be found, none for a
    defect of the whole. `packet_s` is where bytes of the file are broken.
    """

    checks: tuple[str, ...]
    start_s: float | None = None
    end_s: float | None = None
    picture: str = "null"
    sound: str = "anull"
    before: str = ""
    before_s: float = 0.0
    before_sound: str = ""
    after: str = ""
    after_s: float = 0.0
    arguments: tuple[str, ...] = ()
    packet_s: float | None = None


def span(rng: Random, film: Film, least: float, most: float) -> tuple[float, float]:
    """A random stretch on the film's frames, a second and more from its ends."""
    length = rng.uniform(least, most)
    start = rng.uniform(1.2, film.seconds - length - 1.2)
    return tuple(round(t * film.frames_per_s) / film.frames_per_s for t in (start, start + length))  # type: ignore[return-value]


def when(a: float, b: float, film: Film) -> str:
    half = 0.5 / film.frames_per_s
    return f"between(t,{a - half:.4f},{b - half:.4f})"


def frame(rng: Random, film: Film) -> tuple[int, float]:
    number = rng.randrange(round(2 * film.frames_per_s), round((film.seconds - 2) * film.frames_per_s))
    return number, number / film.frames_per_s
