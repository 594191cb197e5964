"""Writers that note what was acknowledged when: one by the address of all regions, one within each region.

`python -m bench.chaos.writers URL NAME FILE`: until it is killed, a row every quarter of a second, and a line in FILE
for each that was acknowledged: name, number, Unix s.
"""

import itertools
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType

import psycopg

from bench.chaos.network import OUTSIDE
from bench.chaos.platform import ROOT, Platform

EVERY_S = 0.25
TABLE = "create table if not exists chaos (writer text, number int, primary key (writer, number))"
CUT_MS, CONNECT_S = 2000, 2
Ack = tuple[str, int, float]  # writer, number, Unix s


class Writers:
    """One outside of all regions, called `outside`, and one within each, `in-eu` and so on, while the block lasts."""

    def __init__(self, platform: Platform) -> None:
        s = platform.settings
        self._home, self._regions = platform.home, platform.regions
        wanted = [(OUTSIDE, s.database().replace("+psycopg", ""), "outside")]
        wanted += [(name, f"{region.database}/marquee", f"in-{name}") for name, region in s.regions.items()]
        self._running = [
            subprocess.Popen(
                platform.network.inside(
                    place, [sys.executable, "-m", "bench.chaos.writers", url, name, str(self._path(name))]
                ),
                cwd=ROOT,
            )
            for place, url, name in wanted
        ]

    def __enter__(self) -> "Writers":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.end()

    def end(self) -> None:
        for process in self._running:
            process.kill()
            process.wait()

    def outside(self) -> list[Ack]:
        """What the one outside noted."""
        return acknowledged(self._path("outside"))

    def within(self) -> list[Ack]:
        """What those within the regions noted."""
        return [ack for region in self._regions for ack in acknowledged(self._path(f"in-{region}"))]

    def _path(self, name: str) -> Path:
        return self._home / f"{name}.acknowledged"


def write(url: str, name: str, path: Path) -> None:
    """Write to a server, or to the one of several that takes writes."""
    connection: psycopg.Connection | None = None
    with path.open("a", buffering=1) as file:
        for number in itertools.count():
            try:
                connection = connection or psycopg.connect(
                    url, autocommit=True, connect_timeout=CONNECT_S, tcp_user_timeout=CUT_MS
                )
                connection.execute("insert into chaos values (%s, %s)", [name, number])
                file.write(f"{name} {number} {time.time()}\n")
            except psycopg.Error:
                if connection is not None:
                    with suppress(psycopg.Error):
                        connection.close()
                connection = None
            time.sleep(EVERY_S)


def acknowledged(path: Path) -> list[Ack]:
    """What a writer has noted; nothing where it could write nothing."""
    if not path.exists():
        return []
    rows = (line.split() for line in path.read_text().splitlines())
    return [(name, int(number), float(at)) for name, number, at in rows]


if __name__ == "__main__":
    write(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
