"""Names of segments of PostgreSQL's write-ahead log: timeline, and place in the log, in hexadecimal digits."""

SEGMENT_BYTES = 16 * 1024 * 1024  # initdb's default
PARTIAL, HISTORY = ".partial", ".history"


def segment_name(timeline: int, lsn: str) -> str:
    """The segment that holds a place in the log, e.g. `0/2000028`."""
    high, low = (int(part, 16) for part in lsn.split("/"))
    return f"{timeline:08X}{high:08X}{low // SEGMENT_BYTES:08X}"


def place(segment: str) -> str:
    """What orders segments of all timelines."""
    return segment[8:24]


def needed(name: str, first_segment: str) -> bool:
    """Whether a file of the archive may be needed by a copy that begins with a segment."""
    return HISTORY in name or place(name) >= place(first_segment)
