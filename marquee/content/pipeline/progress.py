"""Progress of long steps, as log lines at a bearable rate."""

import time
from collections.abc import Callable

from marquee.logs import log

Progress = Callable[[float], None]
"""Called with the fraction done, 0 to 1."""


def every(seconds: float, what: str) -> Progress:
    """A progress callback that logs at most once in so many seconds, and always at the end."""
    last = time.monotonic()

    def report(fraction: float) -> None:
        nonlocal last
        if fraction >= 1 or time.monotonic() - last >= seconds:
            last = time.monotonic()
            log.info("progress", what=what, percent=round(100 * min(fraction, 1)))

    return report
