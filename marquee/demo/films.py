"""Generates the demo's short films of `films.yaml` and publishes them."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from functools import lru_cache
from pathlib import Path

import yaml
from PIL import Image, ImageDraw, ImageFont

from marquee.contracts.base import Contract
from marquee.contracts.errors import MarqueeError
from marquee.contracts.title import Language, MaturityRating, Slug
from marquee.demo import publishing
from marquee.settings import settings
from marquee.tools.binaries import ffmpeg
from marquee.tools.process import run

FILMS = Path(__file__).with_name("films.yaml")
SIZE, RATE, POSTER = (640, 360), 24, (600, 900)
PATTERNS = {
    "rays": "gradients=s=640x360:rate=24:n=5:speed=0.02:type=radial:seed={seed}",
    "waves": "gradients=s=640x360:rate=24:n=3:speed=0.015:type=linear:seed={seed}",
    "spiral": "gradients=s=640x360:rate=24:n=4:speed=0.01:type=spiral:seed={seed}",
    "cells": "life=s=320x180:r=24:mold=12:ratio=.3:life_color=#ffd9a0:death_color=#2b1a55:seed={seed},scale=640:360",
    "rings": "gradients=s=640x360:rate=24:n=6:speed=0.012:type=circular:seed={seed}",
}
Say = Callable[[str], None]


class Film(Contract):
    """One short film. `seconds` is its length, `pattern` names its picture, `pitch` its note in Hz."""

    slug: Slug
    name: str
    synopsis: str
    language: Language
    year: int
    rating: MaturityRating
    genres: tuple[str, ...]
    people: tuple[str, ...]
    country: str
    seconds: int
    pattern: str
    pitch: float
    colours: tuple[str, str]


@lru_cache
def films() -> tuple[Film, ...]:
    """All films of films.yaml."""
    return tuple(Film.model_validate(entry) for entry in yaml.safe_load(FILMS.read_text()))


def publish_all(say: Say, count: int | None = None) -> int:
    """Make and publish those of the first `count` films that never were published; returns how many they were.

    A few seconds each. One whose making was cut off begins again.
    """
    chosen = films()[:count]
    unpublished = publishing.unpublished(film.slug for film in chosen)
    lacking = [film for film in chosen if film.slug in unpublished]
    with ThreadPoolExecutor(settings().transcode_slots) as pool:  # the work is done in processes of their own
        for done, future in enumerate(as_completed([pool.submit(_publish, film) for film in lacking]), start=1):
            say(f"  {done:>2}/{len(lacking)}  {future.result()}")
    return len(lacking)


def _publish(film: Film) -> str:
    """Publish a film, or say why it cannot be; the others are published all the same."""
    try:
        return publish(film)
    except MarqueeError as error:
        return f"{film.name} is left out: {error}"


def publish(film: Film) -> str:
    """Make one film and carry it to publication; returns its name."""
    deliver(film, publishing.inbox())
    publishing.publish(film.slug)
    return film.name


def deliver(film: Film, inbox: Path) -> Path:
    """Write the delivery of a film into a folder; returns it."""
    folder = inbox / film.slug
    folder.mkdir(parents=True, exist_ok=True)
    poster(film).save(folder / "poster.png")
    run(film_command(film, folder / "film.mp4"), timeout_s=300)
    (folder / "title.yaml").write_text(yaml.safe_dump(_sidecar(film), sort_keys=False, allow_unicode=True))
    (folder / ".done").touch()
    return folder


def film_command(film: Film, output: Path) -> list[str]:
    """The ffmpeg command for a film: one pattern, fading in and out, over one chord."""
    seed = sum(film.slug.encode())
    end = film.seconds - 1
    notes = "+".join(f"0.2*sin(2*PI*{film.pitch * r:.2f}*t)*(0.6+0.4*sin({0.2 + r / 7:.2f}*t))" for r in (1, 1.25, 1.5))
    sound = f"aevalsrc='{notes}|{notes.replace('1.25', '1.26')}':s=48000:d={film.seconds}"
    return [
        *[ffmpeg(), "-v", "error", "-f", "lavfi", "-t", str(film.seconds)],
        *["-i", PATTERNS[film.pattern].format(seed=seed), "-f", "lavfi", "-i", sound],
        *["-vf", f"hue=h={seed % 360},fade=in:d=0.5,fade=out:st={end}:d=1,format=yuv420p"],
        *["-af", "loudnorm=I=-23:TP=-2:LRA=7,aresample=48000", "-t", str(film.seconds)],
        *["-c:v", "libx264", "-preset", "veryfast", "-crf", "14", "-c:a", "aac", "-b:a", "160k", "-y", str(output)],
    ]


def poster(film: Film) -> Image.Image:
    """A poster of two colours: bands that lean by the film's note, and its name."""
    width, height = POSTER
    image = Image.new("RGB", POSTER, film.colours[0])
    draw = ImageDraw.Draw(image)
    step = 60 + sum(film.slug.encode()) % 70
    for start in range(-height, width + height, 2 * step):
        draw.polygon(
            [(start, 0), (start + step, 0), (start + step + film.pitch, height), (start + film.pitch, height)],
            fill=film.colours[1],
        )
    words, size = _wrapped(film.name), 76
    top = height * 0.86 - len(words) * size * 1.1
    draw.rectangle((0, top - size / 2, width, height * 0.9), fill=film.colours[0])
    font = ImageFont.load_default(size)
    for n, line in enumerate(words):
        draw.text((40, top + n * size * 1.1), line, font=font, fill="#fffaf0")
    return image


def _wrapped(name: str, most: int = 13) -> list[str]:
    lines = [""]
    for word in name.split():
        if lines[-1] and len(lines[-1]) + len(word) >= most:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines[:3]


def _sidecar(film: Film) -> dict[str, object]:
    return {
        "slug": film.slug,
        "kind": "film",
        "media": "film.mp4",
        "original_language": film.language,
        "texts": {film.language: {"title": film.name, "synopsis": film.synopsis}},
        "year": film.year,
        "genres": list(film.genres),
        "maturity_rating": film.rating.value,
        "credits": [{"name": name, "role": "director" if n == 0 else "actor"} for n, name in enumerate(film.people)],
        "countries": [film.country],
        "audio": [{"stream": 0, "language": film.language, "role": "main"}],
        "artwork": {"poster": "poster.png"},
    }
