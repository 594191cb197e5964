"""Reads a table of titles (CSV), a line each; its files lie in the table's folder or below."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from marquee.content.delivery.bulk.candidate import Candidate, Passed, episode_slug, film_slug, slug_of
from marquee.content.delivery.compose import delivered_name
from marquee.contracts.errors import InvalidInput

MAX_BYTES = 16 * 1024 * 1024
MAX_ROWS = 50_000
SEPARATED = ("genres", "countries")  # several in one field
PLAIN = ("synopsis", "maturity_rating", "original_language")
PEOPLE = {"directors": "director", "writers": "writer", "actors": "actor"}
PICTURES = ("poster", "backdrop", "logo")
TRACKS = {"subtitles": "full", "forced_subtitles": "forced", "sdh_subtitles": "sdh"}
COLUMNS = {"media", "title", "year", "slug", "series", "season", "number"}
COLUMNS |= {*SEPARATED, *PLAIN, *PEOPLE, *PICTURES, *TRACKS}


def read(path: Path, language: str) -> Iterator[Candidate | Passed]:
    """The lines of a table as candidates, or with the reason why they are none.

    Columns `media`, `title` and `year` are needed; `language` (BCP 47) is the original one where a line says none.
    Raises InvalidInput when the table as a whole is not sound.
    """
    reader = csv.DictReader(io.StringIO(_text(path), newline=""), dialect=_dialect(path), strict=True)
    _judge_columns(reader.fieldnames or [], path.name)
    rows = enumerate(reader, start=2)
    while True:
        try:
            number, row = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            raise InvalidInput("not a table", where=f"{path.name} line {reader.line_num}", got=str(error)) from None
        if number > MAX_ROWS + 1:
            raise InvalidInput("too many lines", where=path.name, expected=f"at most {MAX_ROWS}")
        yield _line(row, path.parent, language, f"{path.name} line {number}")


def _text(path: Path) -> str:
    if path.stat().st_size > MAX_BYTES:
        raise InvalidInput("the table is too large", where=path.name, expected=f"at most {MAX_BYTES} bytes")
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidInput("not in UTF-8", where=f"{path.name} byte {error.start}", expected="UTF-8") from None


def _dialect(path: Path) -> type[csv.Dialect]:
    """Commas, semicolons or tabs: what the first line has most of."""
    head = _text(path).partition("\n")[0]

    class Chosen(csv.excel):
        delimiter = max(",;\t", key=head.count)

    return Chosen


def _judge_columns(names: "list[str] | Any", table: str) -> None:
    if missing := [name for name in ("media", "title", "year") if name not in names]:
        raise InvalidInput("a column is missing", where=table, expected=missing[0], got=", ".join(names)[:200])
    if unknown := [name for name in names if name not in COLUMNS]:
        raise InvalidInput("not a known column", where=table, expected=", ".join(sorted(COLUMNS)), got=unknown[0][:80])
    if len(set(names)) < len(names):
        raise InvalidInput("a column is given twice", where=table)


def _line(row: dict[str | None, Any], folder: Path, language: str, source: str) -> Candidate | Passed:
    if None in row or None in row.values():
        return Passed(source, "it has not as many fields as the table has columns")
    said = {str(name): str(value).strip() for name, value in row.items() if str(value).strip()}
    try:
        return _candidate(said, folder, language, source)
    except InvalidInput as error:
        return Passed(source, str(error))


def _candidate(said: dict[str, str], folder: Path, language: str, source: str) -> Candidate:
    if missing := [name for name in ("media", "title", "year") if name not in said]:
        raise InvalidInput("nothing is said here", where=missing[0])
    media = _below(folder, said["media"], "media")
    files = {delivered_name(media.name): media}
    document: dict[str, Any] = {
        "title": said["title"],
        "year": said["year"],
        "media": delivered_name(media.name),
        "original_language": language,
        **{name: said[name] for name in PLAIN if name in said},
        **{name: _several(said[name]) for name in SEPARATED if name in said},
    }
    if "genres" in document:
        document["genres"] = [slug_of(genre) for genre in document["genres"]]
    if people := [{"name": n, "role": role} for column, role in PEOPLE.items() for n in _several(said.get(column, ""))]:
        document["credits"] = people
    _add_tracks(document, files, said, folder)
    _add_pictures(document, files, said, folder)
    slug = _add_episode(document, said)
    return Candidate(source, said.get("slug") or slug, document, files)


def _add_episode(document: dict[str, Any], said: dict[str, str]) -> str:
    """Makes an episode of a line that names a series; gives the slug of either."""
    if "series" not in said:
        return film_slug(said["title"], _whole(said, "year"))
    season, number = _whole(said, "season"), _whole(said, "number")
    document |= {"kind": "episode", "episode": {"series": slug_of(said["series"]), "season": season, "number": number}}
    return episode_slug(said["series"], season, number)


def _add_tracks(document: dict[str, Any], files: dict[str, Path], said: dict[str, str], folder: Path) -> None:
    """Subtitles as `en=film.en.srt;de=film.de.srt`."""
    tracks = []
    for column, kind in TRACKS.items():
        for pair in _several(said.get(column, "")):
            language, found, name = pair.partition("=")
            if not found:
                raise InvalidInput("not a subtitle track", where=column, expected="LANGUAGE=FILE", got=repr(pair)[:80])
            path = _below(folder, name, column)
            _add(files, path, column)
            tracks.append({"file": delivered_name(path.name), "language": language.strip(), "kind": kind})
    if tracks:
        document["subtitles"] = tracks


def _add_pictures(document: dict[str, Any], files: dict[str, Path], said: dict[str, str], folder: Path) -> None:
    pictures = {kind: _below(folder, said[kind], kind) for kind in PICTURES if kind in said}
    for kind, path in pictures.items():
        _add(files, path, kind)
    if pictures:
        document["artwork"] = {kind: delivered_name(path.name) for kind, path in pictures.items()}


def _add(files: dict[str, Path], path: Path, where: str) -> None:
    if files.setdefault(delivered_name(path.name), path) != path:
        raise InvalidInput("two files of one name", where=where, expected="different names", got=path.name)


def _below(folder: Path, name: str, where: str) -> Path:
    """A file below the table's folder. Raises InvalidInput for a path that leads out of it or over a link."""
    parts = PurePosixPath(name.strip().replace("\\", "/")).parts
    if not parts or parts[0] == "/" or ".." in parts or not name.isprintable():
        raise InvalidInput(
            "not a file of the table's folder", where=where, expected="a relative path", got=repr(name)[:90]
        )
    path = folder.joinpath(*parts)
    steps = [folder.joinpath(*parts[: at + 1]) for at in range(len(parts))]
    if link := next((step for step in steps if step.is_symlink()), None):
        raise InvalidInput("links are not followed", where=where, expected="a file", got=link.name)
    return path


def _several(text: str) -> list[str]:
    return [part.strip() for part in text.replace("|", ";").split(";") if part.strip()]


def _whole(said: dict[str, str], name: str) -> int:
    text = said.get(name, "")
    if not (text.isascii() and text.isdecimal() and len(text) < 9):
        raise InvalidInput("not a whole number", where=name, got=repr(text)[:40])
    return int(text)
