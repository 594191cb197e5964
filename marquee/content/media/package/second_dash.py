"""A second reading of the DASH manifest: by its schema, and by a parser that is not ours (mpegdash)."""

import posixpath
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any
from xml.parsers.expat import ExpatError

from lxml import etree
from mpegdash.parser import MPEGDASHParser

from marquee.content.media.package.layout import MPD
from marquee.contracts.errors import GateFailed

SCHEMA = Path(__file__).with_name("mpd.xsd")
SLACK_S = 0.5  # by which a track may end before or after the presentation: sound is cut on its own frames


def check_schema(release: Path) -> None:
    """Check the MPD against its schema. Raises GateFailed with the first line that breaks it."""
    try:
        document = etree.fromstring((release / MPD).read_bytes(), etree.XMLParser(resolve_entities=False))
        _schema().assertValid(document)
    except (etree.XMLSyntaxError, etree.DocumentInvalid) as error:
        raise GateFailed("not by the schema of ISO/IEC 23009-1", where=MPD, got=str(error)[:300]) from None


@cache
def _schema() -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(str(SCHEMA)))


def check_dash(release: Path) -> set[str]:
    """Check that each track is there from beginning to end; the files that the manifest names. Raises GateFailed."""
    try:
        manifest = MPEGDASHParser.parse((release / MPD).read_text())
        named = set(_named(manifest))
        duration_s = _seconds(manifest.media_presentation_duration)
    except (ExpatError, AttributeError, KeyError, TypeError, ValueError) as error:
        raise GateFailed(f"mpegdash cannot read it: {error}", where=MPD) from None
    if absent := sorted(path for path in named if not (release / path).is_file()):
        raise GateFailed("a file that is named is not there", where=absent[0], expected=f"as {MPD} says")
    for folder, seconds in _lengths(manifest):
        if abs(seconds - duration_s) > SLACK_S:
            expected, got = f"{duration_s:.3f} s", f"{seconds:.3f} s"
            raise GateFailed(f"{folder} has another length", where=MPD, expected=expected, got=got)
    return named


def _templates(manifest: Any) -> Iterator[Any]:
    for period in manifest.periods:
        for adaptation in period.adaptation_sets:
            for representation in adaptation.representations:
                yield from representation.segment_templates or ()


def _named(manifest: Any) -> Iterator[str]:
    for template in _templates(manifest):
        yield _path(template.initialization)
        for index, _ in enumerate(_durations(template), start=template.start_number):
            yield _path(template.media.replace("$Number$", str(index)))


def _lengths(manifest: Any) -> Iterator[tuple[str, float]]:
    for template in _templates(manifest):
        yield _path(posixpath.dirname(template.media)), sum(_durations(template)) / template.timescale


def _durations(template: Any) -> list[int]:
    return [run.d for timeline in template.segment_timelines for run in timeline.Ss for _ in range((run.r or 0) + 1)]


def _path(address: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(MPD), address))


def _seconds(duration: str) -> float:
    """Of the form PT6.006S, as Packager writes it; or with hours and minutes."""
    total, number = 0.0, ""
    for sign in duration.removeprefix("PT"):
        if sign in "HMS":
            total, number = total + float(number) * {"H": 3600, "M": 60, "S": 1}[sign], ""
        else:
            number += sign
    return total
