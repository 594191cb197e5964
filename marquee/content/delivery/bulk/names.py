"""What the names of files and folders in a media library say. Pure.

The names are those that Kodi, Jellyfin and Plex share: "Name (2001)/Name (2001).mkv", "Show/Season 01/Show S01E02.mkv",
"Name (2001).en.forced.srt".
"""

import re
from typing import NamedTuple

import langcodes

VIDEO = {"mkv", "mp4", "m4v", "mov", "webm", "mxf", "ts", "m2ts", "mts", "mpg", "mpeg", "vob"}
VIDEO |= {"avi", "dv", "wmv", "asf", "flv", "ogv", "ogg", "y4m"}
SUBTITLES = {"srt", "vtt", "ttml", "dfxp", "ass", "ssa", "smi", "sami", "scc", "stl"}
PICTURES = {"jpg", "jpeg", "png", "webp"}
DISC = {"iso", "img", "bdmv", "ifo"}
EXTRAS = {"extras", "trailers", "featurettes", "behind the scenes", "deleted scenes", "interviews", "scenes", "shorts"}
EXTRAS |= {"samples", "sample", "other", "clips"}
EXTRA = re.compile(r"[-_. ](trailer|sample|featurette|behindthescenes|deleted|interview|scene|short|other)\d*$", re.I)
PART = re.compile(r"[-_. ](cd|dvd|part|pt|disc|disk)[-_. ]?\d+$", re.I)
YEAR = re.compile(r"[(\[](1[89]\d\d|20\d\d)[)\]]")
EPISODE = re.compile(r"(?<![a-z0-9])s(\d{1,4})[ ._-]*e(\d{1,5})(?P<more>(?:[ ._-]*e\d{1,5}|-\d{1,5}(?!\d|p))*)", re.I)
CROSS = re.compile(r"(?<![a-z0-9])(\d{1,2})x(\d{2,3})(?P<more>(?:[-x]\d{2,3})*)(?![a-z0-9])", re.I)
SEASON = re.compile(r"^(?:season|series|staffel|saison|temporada)[ ._-]*(\d{1,4})$|^(specials)$", re.I)
KINDS = {"forced": "forced", "foreign": "forced", "sdh": "sdh", "cc": "sdh", "hi": "sdh", "default": "full"}


class Named(NamedTuple):
    """A name and its year; 0 where none is given."""

    title: str
    year: int


class Numbered(NamedTuple):
    """An episode by its file's name. `several`: the file holds more than one."""

    season: int
    number: int
    title: str
    several: bool


class Track(NamedTuple):
    """What the end of a subtitle file's name says; no language where it says none."""

    language: str
    kind: str


def named(stem: str) -> Named:
    """Title and year of "Name (2001) - 1080p": what stands before the year, without brackets of other kinds."""
    years = list(YEAR.finditer(stem))
    before = stem[: years[-1].start()] if years else stem
    text = re.sub(r"[{\[][^}\]]*[}\]]", " ", before)
    if " " not in text.strip():
        text = re.sub(r"[._]+", " ", text)
    return Named(re.sub(r"\s+", " ", text).strip(" -._"), int(years[-1][1]) if years else 0)


def numbered(stem: str) -> Numbered | None:
    """Season, number and title of "Show S01E02 - The Keeper"; None for a film."""
    if not (found := EPISODE.search(stem) or CROSS.search(stem)):
        return None
    rest = re.sub(r"[(\[{].*$", "", stem[found.end() :])
    title = re.sub(r"[._]+", " ", rest).strip(" -") if " " not in rest.strip() else rest.strip(" -._")
    return Numbered(int(found[1]), int(found[2]), title, bool(found["more"]))


def season_folder(name: str) -> int | None:
    """The season of "Season 01" (0 of "Specials"); None for any other folder."""
    if found := SEASON.match(name.strip()):
        return int(found[1]) if found[1] else 0
    return None


def track(ending: str) -> Track:
    """Of ".en.forced", which stands between a film's name and the suffix of its subtitles."""
    language, kind = "", "full"
    for word in ending.lower().strip(".").split("."):
        if word in KINDS and not (word == "hi" and not language):  # Hindi, where it comes first
            kind = KINDS[word]
        elif not language and _is_language(word):
            language = langcodes.standardize_tag(word)
    return Track(language, kind)


def why_not(stem: str, folders: tuple[str, ...]) -> str:
    """Why a video file is no title of its own; empty when it may be one."""
    if extra := next((name for name in folders if name.lower() in EXTRAS), ""):
        return f"an extra, in {extra}"
    if EXTRA.search(stem):
        return "an extra, by its name"
    return "one part of several: join them into one file" if PART.search(stem) else ""


def _is_language(word: str) -> bool:
    return bool(re.fullmatch(r"[a-z]{2,3}(-[a-z0-9]{2,8})*", word)) and langcodes.tag_is_valid(word)
