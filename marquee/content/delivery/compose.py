"""Makes a delivery from loose files, for people who have a film and no sidecar yet."""

import re
import shutil
from collections.abc import Mapping
from pathlib import Path

import yaml

from marquee.content.delivery.quarantine import safe_slug
from marquee.contracts.errors import Conflict, InvalidInput


def compose(
    inbox: Path, media: Path, *, title: str, year: int, slug: str = "", subtitles: Mapping[str, Path] | None = None
) -> str:
    """Copy a film and its subtitles (by language) into the inbox with a title.yaml; returns the delivery's name.

    It is made under a hidden name and appears at once and whole. Raises InvalidInput when a file is not there,
    Conflict when a delivery of that name is waiting already.
    """
    for path in (media, *(subtitles or {}).values()):
        if not path.is_file():
            raise InvalidInput("no such file", where=str(path))
    names = [path.name for path in (media, *(subtitles or {}).values())]
    if len(set(names)) < len(names):
        raise InvalidInput("two files of one name", where=str(media), expected="different names", got=", ".join(names))
    name = slug or safe_slug(title)
    if (inbox / name).exists():
        raise Conflict("a delivery of this name is waiting in the inbox", where=str(inbox / name))
    making = inbox / f".{name}"
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(parents=True)
    files = {language: _copied(path, making) for language, path in (subtitles or {}).items()}
    sidecar = {
        "title": title,
        "year": year,
        "media": _copied(media, making),
        "subtitles": [{"file": file, "language": language} for language, file in files.items()],
    }
    (making / "title.yaml").write_text(yaml.safe_dump(sidecar, sort_keys=False, allow_unicode=True))
    (making / ".done").touch()
    making.rename(inbox / name)
    return name


def _copied(path: Path, folder: Path) -> str:
    """The name under which a file lies in the folder: its own, without what a delivery may not be called."""
    name = re.sub(r"^[.-]+", "", path.name)
    shutil.copyfile(path, folder / name)
    return name
