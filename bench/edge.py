"""`make bench-edge`: what an edge's checks cost, beside nginx that serves the same file to everybody.

Both run on this machine with one worker process, on a core of their own, and deliver one segment from disk, in turn, to
`wrk` on loopback. The edge is measured as it is and without the check of the token; an API of 204s stands in. A ratio
is the edge's requests per second to plain nginx's of the same round; the median counts.
"""

import argparse
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import httpx

from bench.figures import Figure, report, spread
from marquee.content.edge import nginx
from marquee.content.edge.signing import media_path
from marquee.contracts.edge import Audience, MediaGrant
from marquee.contracts.errors import Unavailable
from marquee.embedded.ports import free
from marquee.embedded.processes import wait_until
from marquee.tools.nginx import command

KEY = "a key for the bench"
SEGMENT = "1/2/video/h264-720p/1.m4s"
CONNECTIONS = (1, 100, 1000)
NAMES = ["plain", "edge", "edge, token not checked"]
Rates = dict[str, dict[int, list[float]]]
PLAIN = """daemon off;
worker_processes 1;
pid nginx.pid;
error_log stderr crit;
{user}
events {{ worker_connections 4096; }}
http {{
    client_body_temp_path temp;
    access_log off;
    sendfile on;
    tcp_nopush on;
    server {{ listen {listen}; {does} }}
}}
"""
FILES, NOTHING = 'root "{root}"; location = /healthz {{ return 204; }}', "return 204;"


@contextmanager
def running(prefix: Path, conf: str, listen: str) -> Iterator[int]:
    """The process of nginx with a configuration, once it answers; ended afterwards. Raises Unavailable when it does
    not start."""
    prefix.mkdir()
    (prefix / "nginx.conf").write_text(conf)
    with (prefix / "stderr").open("wb") as log:
        environment = {**os.environ, "MARQUEE_EDGE_KEY": KEY}
        process = subprocess.Popen(on_core(0, command(prefix)), env=environment, stderr=log, process_group=0)
    try:
        if not wait_until(lambda: _answers(listen), 10):
            raise Unavailable("nginx did not start", where=str(prefix), got=(prefix / "stderr").read_text()[-500:])
        yield process.pid
    finally:
        process.terminate()
        process.wait(10)


def _answers(listen: str) -> bool:
    try:
        return httpx.get(f"http://{listen}/healthz").is_success
    except httpx.TransportError:
        return False


def on_core(number: int, argv: list[str]) -> list[str]:
    """The command on one core, where there are more: `wrk` and nginx do not push each other around."""
    cores = sorted(os.sched_getaffinity(0))
    return ["taskset", "--cpu-list", str(cores[number % len(cores)]), *argv]


def requests_per_s(url: str, connections: int, seconds: int) -> float:
    """What `wrk` counts. Raises Unavailable when an answer was no success."""
    argv = ["wrk", "--threads", "1", "--connections", str(connections), "--duration", f"{seconds}s", url]
    said = subprocess.run(on_core(1, argv), capture_output=True, text=True, check=True).stdout
    found = re.search(r"Requests/sec:\s+([\d.]+)", said)
    if found is None or "Non-2xx" in said:
        raise Unavailable("not every request succeeded", where=url.partition("/m/")[0], got=said[-300:])
    return float(found[1])


def unchecked(conf: str) -> str:
    """The edge's configuration without the check of tokens."""
    without = re.sub(r"set_by_lua_block \$verdict [^\n]*\n", "set $verdict 200;\n", conf)
    assert conf != without
    return without


@contextmanager
def servers(folder: Path, size: int) -> Iterator[dict[str, str]]:
    """URL of the same segment at each server, by its name. All have just begun, and every edge keeps the segment."""
    user = "root" if os.geteuid() == 0 else ""
    directive = f"user {user};" if user else ""
    file = folder / "replica" / SEGMENT
    file.parent.mkdir(parents=True)
    file.write_bytes(os.urandom(size))
    at = dict(zip(["api", *NAMES], (f"127.0.0.1:{port}" for port in free(len(NAMES) + 1)), strict=True))
    grant = MediaGrant(
        audience=Audience.MEDIA, title_id=1, release_id=2, session_id=3, lines=720, expires=int(time.time()) + 3600
    )
    signed = media_path(grant, "video/h264-720p/1.m4s", key=KEY)
    with ExitStack() as stack:
        for name, does in (("api", NOTHING), ("plain", FILES.format(root=folder / "replica"))):
            conf = PLAIN.format(user=directive, listen=at[name], does=does)
            stack.enter_context(running(folder / name, conf, at[name]))
        for n, name in enumerate(NAMES[1:]):
            whole = nginx.edge_conf(
                "edge", at[name], (at["plain"],), api=at["api"], user=user, access_log="/dev/null", workers="1"
            )
            conf = (whole if name == "edge" else unchecked(whole)).replace(
                "worker_connections 1024", "worker_connections 4096"
            )
            stack.enter_context(running(folder / f"edge-{n}", conf, at[name]))
            for _ in range(2):
                answer = httpx.get(f"http://{at[name]}{signed}")
            if answer.headers.get("X-Cache-Status") != "HIT":
                raise Unavailable("the edge does not keep the segment", got=str(answer.status_code))
        yield {name: f"http://{at[name]}{f'/{SEGMENT}' if name == 'plain' else signed}" for name in NAMES}


def measure(size: int, rounds: int, seconds: int) -> Rates:
    """Requests per second by server and number of connections, one number per round.

    Each round has servers and files of its own: where the kernel happens to put a file's pages is worth 10 %, as long
    as they lie there. Every other round goes through the servers backwards, so that what drifts meets all alike.
    """
    found: Rates = {name: {c: [] for c in CONNECTIONS} for name in NAMES}
    for number in range(rounds):
        with TemporaryDirectory() as folder, servers(Path(folder), size) as urls:
            for connections in CONNECTIONS:
                for name in NAMES[:: -1 if number % 2 else 1]:
                    found[name][connections].append(requests_per_s(urls[name], connections, seconds))
        print(f"round {number + 1} of {rounds}", flush=True)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bytes", type=int, default=500_000, help="size of the segment: 4 s of 1 Mb/s")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--seconds", type=int, default=1, help="of each measurement")
    wanted = parser.parse_args()
    if not shutil.which("wrk"):
        raise SystemExit("wrk is not installed: apt-get install wrk")
    found = measure(wanted.bytes, wanted.rounds, wanted.seconds)
    figures = []
    for connections in CONNECTIONS:
        plain = found["plain"][connections]
        for name, short in zip(NAMES[1:], ("whole", "without_token"), strict=True):
            ratio = median(rate / floor for rate, floor in zip(found[name][connections], plain, strict=True))
            figures.append(Figure(f"edge.hits_vs_plain.{short}.{connections}", ratio, "ratio"))
        print(connections, {name: spread(rates[connections]) for name, rates in found.items()})
    costs = {name: median(1e6 / rate for rate in rates[1]) for name, rates in found.items()}
    cost = costs["edge"] - costs["edge, token not checked"]
    figures.append(Figure("edge.token_check", cost, "microseconds"))
    report("edge", figures, {"requests_per_s": found, "bytes": wanted.bytes})


if __name__ == "__main__":
    main()
