"""Writers that note what was acknowledged when: one by the address of all regions, one within each region.

`python -m bench.chaos.writers URL NAME FILE`: until it is killed, a row every quarter of a second, and a line in FILE
for each that was acknowledged: name, number, Unix s.
"""

import itertools
import sys
import time
from contextlib import suppress
from pathlib import Path

import psycopg

EVERY_S = 0.25
TABLE = "create table if not exists chaos (writer text, number int, primary key (writer, number))"
CUT_MS, CONNECT_S = 2000, 2


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


def acknowledged(path: Path) -> list[tuple[str, int, float]]:
    """What a writer has noted."""
    rows = (line.split() for line in path.read_text().splitlines())
    return [(name, int(number), float(at)) for name, number, at in rows]


if __name__ == "__main__":
    write(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
