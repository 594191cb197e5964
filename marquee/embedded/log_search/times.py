"""Times in log lines, and times as people ask for them."""

import re
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from marquee.contracts.errors import InvalidInput

KEYS = ("timestamp", "time", "ts")
TEXT = re.compile(
    rb"\[?(?P<year>\d{4}|\d\d)[-/](?P<day>\d\d[-/]\d\d)[T ](?P<clock>\d\d:\d\d:\d\d)(?:[.,](?P<part>\d{1,9}))?"
    rb" ?(?P<zone>Z|UTC|GMT|[+-]\d\d:?\d\d)?"
)
AGO = re.compile(r"(\d+(?:\.\d+)?)\s*([smhdw])")
UNITS_S = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}


def time_of(fields: Mapping[str, Any]) -> float | None:
    """The Unix time of a line of JSON; `at`, nginx's own with milliseconds, before the times in words."""
    if isinstance(at := fields.get("at"), int | float):
        return float(at)
    for key in KEYS:
        if isinstance(said := fields.get(key), str):
            return _iso(said)
    return None


def _iso(text: str) -> float | None:
    """PostgreSQL writes the zone as a name; we have it write UTC."""
    try:
        found = datetime.fromisoformat(text.removesuffix(" UTC").removesuffix(" GMT"))
    except ValueError:
        return None
    named = found.tzinfo is None and text.endswith((" UTC", " GMT"))
    return (found.replace(tzinfo=UTC) if named else found).timestamp()


def time_of_text(line: bytes) -> float | None:
    """The Unix time with which a line of text begins: of this machine's zone where it names none."""
    if not (found := TEXT.match(line)):
        return None
    year, day, clock, part, zone = ((group or b"").decode() for group in found.groups())
    century = "20" if len(year) == 2 else ""  # log4j
    zone = "Z" if zone in ("UTC", "GMT") else zone
    return _iso(f"{century}{year}-{day.replace('/', '-')}T{clock}.{part or '0'}{zone}")


def moment(text: str, option: str) -> float:
    """A Unix time from `90s`, `30m`, `1h`, `2d` or `1w` ago, or from a time of ISO 8601. Raises InvalidInput."""
    if found := AGO.fullmatch(text.strip()):
        return time.time() - float(found[1]) * UNITS_S[found[2]]
    try:
        return datetime.fromisoformat(text.strip()).timestamp()
    except ValueError:
        expected = "1h, 30m, 2d, or a time such as 2026-01-31T18:00Z"
        raise InvalidInput("not a time", where=option, expected=expected, got=text) from None
