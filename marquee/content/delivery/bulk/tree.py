"""Reads a folder of films and series as media libraries keep them."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from marquee.content.delivery.bulk import names, nfo
from marquee.content.delivery.bulk.candidate import Candidate, Passed, episode_slug, film_slug, slug_of
from marquee.content.delivery.compose import delivered_name
from marquee.content.delivery.files import content
from marquee.contracts.errors import DeliveryRefused, InvalidInput

MAX_ENTRIES = 200_000
PICTURES = {"poster": ("poster", "folder", "cover"), "backdrop": ("fanart", "backdrop"), "logo": ("clearlogo", "logo")}


class _Folder(NamedTuple):
    """A folder: its path, the folders that lead to it from the root, and its visible files by lower-case name."""

    path: Path
    parts: tuple[str, ...]
    files: dict[str, Path]


def read(root: Path, language: str) -> Iterator[Candidate | Passed]:
    """Every video file below a folder, as a candidate or with the reason why it is none; sorted by path.

    `language` (BCP 47) is that of names and texts, and of subtitles that say none. Links are not followed. Raises
    InvalidInput for more than 200,000 files and folders.
    """
    count = 0
    for where, folders, files in os.walk(root):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        count += len(folders) + len(files)
        if count > MAX_ENTRIES:
            raise InvalidInput("too many files", where=str(root), expected=f"at most {MAX_ENTRIES}", got="more")
        path = Path(where)
        for name in [name for name in folders if (path / name).is_symlink()]:
            yield Passed(_shown(path / name, root), "a link, which is not followed")
        visible = {name.lower(): path / name for name in sorted(files) if not name.startswith(".")}
        yield from _titles(_Folder(path, path.relative_to(root).parts, visible), root, language)


def _titles(folder: _Folder, root: Path, language: str) -> Iterator[Candidate | Passed]:
    for path in folder.files.values():
        suffix = path.suffix.lower().lstrip(".")
        if suffix not in names.VIDEO | names.DISC:
            continue
        source = _shown(path, root)
        try:
            yield _title(path, folder, root, language, source)
        except (InvalidInput, DeliveryRefused) as error:
            yield Passed(source, str(error))


def _title(path: Path, folder: _Folder, root: Path, language: str, source: str) -> Candidate | Passed:
    if path.is_symlink():
        return Passed(source, "a link, which is not followed")
    if path.suffix.lower().lstrip(".") in names.DISC:
        return Passed(source, "the image of a disc: deliver the film itself")
    if reason := names.why_not(path.stem, folder.parts):
        return Passed(source, reason)
    episode = names.numbered(path.stem)
    if episode is None:
        return _film(path, folder, language, source)
    if episode.several:
        return Passed(source, "several episodes in one file: cut it")
    return _episode(path, folder, root, episode, language, source)


def _film(path: Path, folder: _Folder, language: str, source: str) -> Candidate | Passed:
    said = _nfo(folder, f"{path.stem}.nfo") or _nfo(folder, "movie.nfo")
    by_file, by_folder = names.named(path.stem), names.named(folder.path.name if folder.parts else "")
    title = said.pop("title", "") or by_file.title or by_folder.title
    year = said.pop("year", 0) or by_file.year or by_folder.year
    if not year:
        return Passed(source, "no year: call it “Name (2001)”, or say it in an NFO file")
    said = {field: value for field, value in said.items() if field not in ("season", "number")}
    return _candidate(path, folder, film_slug(title, year), {"title": title, "year": year, **said}, language, source)


def _episode(
    path: Path, folder: _Folder, root: Path, episode: names.Numbered, language: str, source: str
) -> Candidate | Passed:
    home = _show_folder(folder, root)
    show = _nfo(home, "tvshow.nfo")
    by_folder = names.named(home.path.name if home.parts else path.stem[: _start(path.stem)])
    series = by_folder.title or show.get("title", "")
    said = _nfo(folder, f"{path.stem}.nfo")
    year = said.pop("year", 0) or show.get("year", 0) or by_folder.year
    if not series:
        return Passed(source, "no name of a series: put it into a folder of its name")
    if not year:
        return Passed(source, "no year: call the series' folder “Show (2001)”, or say it in an NFO file")
    season, number = said.pop("season", episode.season), said.pop("number", episode.number)
    document = {
        "title": said.pop("title", "") or episode.title or f"{series} {season}.{number}",
        "year": year,
        "kind": "episode",
        "episode": {"series": slug_of(series), "season": season, "number": number},
        **{field: show[field] for field in ("genres", "maturity_rating") if field in show},
        **said,
    }
    return _candidate(path, folder, episode_slug(series, season, number), document, language, source)


def _start(stem: str) -> int:
    found = names.EPISODE.search(stem) or names.CROSS.search(stem)
    return found.start() if found else 0


def _show_folder(folder: _Folder, root: Path) -> _Folder:
    """The series' own folder: the parent where the episode lies in one of a season."""
    if not folder.parts or names.season_folder(folder.path.name) is None:
        return folder
    path = folder.path.parent
    files = {p.name.lower(): p for p in path.iterdir() if p.suffix.lower() == ".nfo"}
    return _Folder(path, path.relative_to(root).parts, files)


def _candidate(
    path: Path, folder: _Folder, slug: str, document: dict[str, Any], language: str, source: str
) -> Candidate:
    """With the subtitles and pictures that lie beside it."""
    files = {delivered_name(path.name): path}
    tracks, notes = _subtitles(path, folder, language)
    artwork = _artwork(path, folder)
    sidecar = {**document, "media": delivered_name(path.name), "original_language": language}
    if tracks:
        sidecar["subtitles"] = [{"file": name, **what} for name, (_, what) in tracks.items()]
    if artwork:
        sidecar["artwork"] = {kind: delivered_name(picture.name) for kind, picture in artwork.items()}
    files |= {name: source_path for name, (source_path, _) in tracks.items()}
    files |= {delivered_name(picture.name): picture for picture in artwork.values()}
    return Candidate(source, slug, sidecar, files, tuple(notes))


def _subtitles(path: Path, folder: _Folder, language: str) -> tuple[dict[str, tuple[Path, dict[str, str]]], list[str]]:
    """Those named for the film, by delivered name, and notes on what is left out."""
    found: dict[str, tuple[Path, dict[str, str]]] = {}
    notes, seen = [], set()
    for beside in folder.files.values():
        if beside.suffix.lower().lstrip(".") not in names.SUBTITLES or not _belongs(beside.stem, path.stem):
            continue
        track = names.track(beside.stem[len(path.stem) :])
        key = (track.language or language, track.kind)
        if key in seen or beside.is_symlink():
            notes.append(
                f"{beside.name} is left out: {'a link' if beside.is_symlink() else 'a second one of its kind'}"
            )
            continue
        seen.add(key)
        found[delivered_name(beside.name)] = (beside, {"language": key[0], "kind": key[1]})
    return found, notes


def _belongs(stem: str, film: str) -> bool:
    return stem == film or stem.startswith(f"{film}.")


def _artwork(path: Path, folder: _Folder) -> dict[str, Path]:
    """By kind: named for the film first, then for its folder, which is only right where the film has it alone."""
    own = sum(p.suffix.lower().lstrip(".") in names.VIDEO for p in folder.files.values()) == 1
    found: dict[str, Path] = {}
    for kind, words in PICTURES.items():
        stems = [f"{path.stem}-{word}".lower() for word in words] + (list(words) if own else [])
        paths = [folder.files.get(f"{stem}.{suffix}") for stem in stems for suffix in sorted(names.PICTURES)]
        if picture := next((p for p in paths if p and not p.is_symlink()), None):
            found[kind] = picture
    return found


def _nfo(folder: _Folder, name: str) -> dict[str, Any]:
    """What an NFO file says; nothing where there is none. Raises InvalidInput, DeliveryRefused."""
    path = folder.files.get(name.lower())
    return nfo.read(content(folder.path, path.name, limit=nfo.MAX_BYTES), path.name) if path else {}


def _shown(path: Path, root: Path) -> str:
    return str(path.relative_to(root)).encode(errors="replace").decode()
