"""Releases whose files edges could not get are found in what the edges have logged."""

import json
import time

import pytest

from marquee.contracts.ids import new_id
from marquee.settings import settings
from marquee.viewing.pipeline import edge_errors, shipping
from marquee.viewing.pipeline.edge_errors import Troubled

pytestmark = pytest.mark.usefixtures("catalogue")
FOLDER = "/1/{release}/video/h264-720p/{n}.m4s"


def log(*lines: tuple[str, int, float]) -> None:
    """An edge's log, long over: path, status and age in hours of each request."""
    folder = settings().edge_log / "edge-a"
    folder.mkdir(parents=True)
    said = [
        {
            "at": time.time() - hours * 3600, "request": f"{new_id():x}", "edge": "edge-a", "session": "",
            "method": "GET", "path": path, "status": status, "bytes": 0, "seconds": 0.1, "cache": "MISS",
            "upstream_seconds": "", "cmcd": "",
        }
        for path, status, hours in lines
    ]  # fmt: skip
    (folder / "17800000.open").write_text("".join(json.dumps(line) + "\n" for line in said))


def test_only_what_fails_often_and_lately_is_suspected() -> None:
    def failing(release: int, status: int, times: int, hours: float = 1) -> list[tuple[str, int, float]]:
        return [(FOLDER.format(release=release, n=n), status, hours) for n in range(times)]

    log(
        *failing(11, 404, 3),
        *failing(12, 502, 5),
        *failing(13, 404, 2),  # too few
        *failing(14, 200, 9),
        *failing(15, 403, 9),  # a token that is over
        *failing(16, 404, 9, hours=30),
        *[("/1/17/nonsense", 404, 1)] * 9,  # no path of a release
    )
    shipping.ship()
    assert edge_errors.troubled(hours=25) == [Troubled(12, 5), Troubled(11, 3)]


def test_without_logs_nothing_is() -> None:
    assert edge_errors.troubled(hours=25) == []
