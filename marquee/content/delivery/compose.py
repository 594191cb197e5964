"""Makes a delivery from loose files and what is said of them."""

import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from marquee.content.delivery.quarantine import safe_slug
from marquee.content.delivery.sidecar import SIDECAR
from marquee.contracts.errors import Conflict, InvalidInput

NAME_BYTES = 200  # of a delivered file (contracts.title.FileName)


def compose(
    inbox: Path, media: Path, *, title: str, year: int, slug: str = "", subtitles: Mapping[str, Path] | None = None
) -> str:
    """Copy a film and its subtitles (by language) into the inbox with a title.yaml; returns the delivery's name.

    It is made under a hidden name and appears at once and whole. Raises InvalidInput when a file is not there,
    Conflict when a delivery of that name is waiting already.
    """
    tracks = subtitles or {}
    for path in (media, *tracks.values()):
        if not path.is_file():
            raise InvalidInput("no such file", where=str(path))
    names = [path.name for path in (media, *tracks.values())]
    if len(set(names)) < len(names):
        raise InvalidInput("two files of one name", where=str(media), expected="different names", got=", ".join(names))
    name = slug or safe_slug(title)
    if (inbox / name).exists():
        raise Conflict("a delivery of this name is waiting in the inbox", where=str(inbox / name))
    sidecar = {
        "title": title,
        "year": year,
        "media": delivered_name(media.name),
        "subtitles": [{"file": delivered_name(p.name), "language": language} for language, p in tracks.items()],
    }
    making = inbox / f".{name}"
    assemble(making, sidecar, {delivered_name(path.name): path for path in (media, *tracks.values())})
    (making / ".done").touch()
    making.rename(inbox / name)
    return name


def assemble(folder: Path, sidecar: Mapping[str, Any], files: Mapping[str, Path], *, links: bool = True) -> None:
    """Make a folder of copies of the files, by their delivered names, and a title.yaml. What was there before goes.

    Without `links` a source that is one is not followed: intake then refuses its copy, a link too.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, source in files.items():
        shutil.copyfile(source, folder / name, follow_symlinks=links)
    write_sidecar(folder, sidecar)


def write_sidecar(folder: Path, sidecar: Mapping[str, Any]) -> None:
    """Write title.yaml; the same document gives the same bytes. Raises InvalidInput when it is nested too deeply."""
    try:
        text = yaml.safe_dump(dict(sidecar), sort_keys=False, allow_unicode=True)
    except RecursionError:
        raise InvalidInput("nested too deeply", where=SIDECAR) from None
    (folder / SIDECAR).write_text(text, encoding="utf-8")


def delivered_name(name: str) -> str:
    """A file's name without what a delivery may not call it: leading dots and dashes, control characters, length."""
    kept = re.sub(r"[\x00-\x1f\x7f/\\]", "", re.sub(r"^[.-]+", "", name))
    if len(kept.encode()) <= NAME_BYTES:
        return kept
    stem, _, suffix = kept.rpartition(".")
    return f"{stem.encode()[: NAME_BYTES - 1 - len(suffix.encode())].decode(errors='ignore')}.{suffix}"
