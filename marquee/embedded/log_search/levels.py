"""Levels of log lines, in the words of all that write here: structlog, PostgreSQL, nginx, supervisord, log4j."""

import re
from collections.abc import Mapping
from typing import Any

from marquee.contracts.errors import InvalidInput

LEVELS = ("debug", "info", "warning", "error", "critical")
RANK = {level: rank for rank, level in enumerate(LEVELS)}
WORDS = {  # PostgreSQL's LOG is what others call info (PostgreSQL 18, table 19.2); nginx's alert and emerg end its work
    "trace": "debug",
    "log": "info",
    "notice": "info",
    "warn": "warning",
    "crit": "critical",
    "alert": "critical",
    "emerg": "critical",
    "fatal": "critical",
    "panic": "critical",
    "exception": "error",
    **{level: level for level in LEVELS},
    **{f"debug{n}": "debug" for n in range(1, 6)},
}
KEYS = ("level", "error_severity", "levelname")
# In brackets in small letters, or a word of its own in capitals; times and process numbers stand before it.
IN_TEXT = re.compile(rb"\[(debug|info|notice|warn(?:ing)?|error|crit(?:ical)?|alert|emerg) *\]|\b([A-Z]{3,9})\b")
TEXT_START = 120  # bytes of a line of text in which its level may stand
TASK_STDERR = "task.stderr"  # Airflow's logger of what tasks' programs write there, all of it as errors
REQUEST = '"status":[1-4]..,"bytes":'  # of an edge's log, which has no level


def level_of(fields: Mapping[str, Any]) -> str:
    """The level of a line of JSON; of one without any, a request that failed (5xx) is an error, all else info.

    What a task's program writes to standard error has the level that it names itself, or is a warning.
    """
    if fields.get("logger") == TASK_STDERR:
        return level_of_text(str(fields.get("event", "")).encode()) or "warning"
    for key in KEYS:
        if (word := str(fields.get(key, "")).lower()) in WORDS:
            return WORDS[word]
    status = fields.get("status")
    return "error" if isinstance(status, int) and status >= 500 else "info"


def level_of_text(line: bytes) -> str:
    """The level that a line of text names near its start; empty without one."""
    for small, capital in IN_TEXT.findall(line[:TEXT_START]):
        if (word := (small or capital).decode().lower()) in WORDS:
            return WORDS[word]
    return ""


def milder(level: str) -> str:
    """A pattern (POSIX extended) of lines of JSON that are below a level. What has it not may be of the level or worse.

    Within a text of JSON the quotation marks would have backslashes before them.
    """
    below = [word for word, meant in WORDS.items() if RANK[meant] < RANK[level]]
    words = "|".join(spelt for word in below for spelt in (word, word.upper()))
    return f'"({"|".join(KEYS)})": ?"({words})"|{REQUEST}'


def known(level: str) -> str:
    """A level as the user writes it. Raises InvalidInput."""
    found = WORDS.get(level.lower())
    if not found:
        raise InvalidInput("no such level", where="--level", expected=", ".join(LEVELS), got=level)
    return found
