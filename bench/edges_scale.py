"""`make bench-edges_scale`: hits a second of 1, 2 and 4 edges on this machine, and what a hit takes of a core.

Each edge is an nginx of its own with one worker and the edge's whole configuration; a `wrk` of its own asks each for
one segment that it keeps. Where clients and edges share the machine's cores, the sum stops growing with the cores; the
processor time of a hit says what an edge with cores of its own would serve.
"""

import argparse
import os
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import httpx

from bench.edge import FILES, KEY, NOTHING, PLAIN, SEGMENT, requests_per_s, running
from bench.figures import Figure, report, spread
from bench.processes import seconds
from marquee.content.edge import nginx
from marquee.content.edge.signing import media_path
from marquee.contracts.edge import Audience, MediaGrant
from marquee.contracts.errors import Unavailable
from marquee.embedded.ports import free

EDGES = (1, 2, 4)
CONNECTIONS = 32  # of each client


def main() -> None:
    arguments = _arguments()
    if not shutil.which("wrk"):
        raise SystemExit("wrk is not installed: apt-get install wrk")
    with TemporaryDirectory() as folder:
        rates, costs_us = measure(Path(folder), arguments.bytes, arguments.rounds, arguments.seconds)
    for count, found in rates.items():
        print(f"{count} edges: {spread(found)} hits/s, {median(costs_us[count]):.0f} µs of a core each")
    cost_us = median(costs_us[1])
    figures = [Figure(f"edges.hits_per_s.{count}", median(found), "1/s") for count, found in rates.items()]
    figures += [Figure(f"edges.{count}_vs_1", median(rates[count]) / median(rates[1]), "ratio") for count in EDGES[1:]]
    figures.append(Figure("edges.core_us_per_hit", cost_us, "microseconds"))
    figures.append(Figure("edges.hits_per_core_s", 1e6 / cost_us, "1/s"))
    figures.append(Figure("edges.gbps_per_core", 8 * arguments.bytes / cost_us / 1000, "Gb/s"))
    report("edges_scale", figures, {"hits_per_s": rates, "core_us": costs_us, "bytes": arguments.bytes})


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench.edges_scale", description=__doc__)
    parser.add_argument("--bytes", type=int, default=int(os.environ.get("BYTES", "500000")), help="of the segment")
    parser.add_argument("--rounds", type=int, default=int(os.environ.get("ROUNDS", "3")))
    parser.add_argument("--seconds", type=int, default=int(os.environ.get("SECONDS_EACH", "3")), help="of each rate")
    return parser.parse_args()


def measure(
    folder: Path, size: int, rounds: int, seconds_each: int
) -> tuple[dict[int, list[float]], dict[int, list[float]]]:
    """Hits a second of all edges together, and microseconds of a core of each hit, by the number of edges."""
    (folder / "replica" / SEGMENT).parent.mkdir(parents=True)
    (folder / "replica" / SEGMENT).write_bytes(os.urandom(size))
    ports = [f"127.0.0.1:{port}" for port in free(2 + max(EDGES))]
    api, plain, *edges = ports
    rates: dict[int, list[float]] = {count: [] for count in EDGES}
    costs: dict[int, list[float]] = {count: [] for count in EDGES}
    with ExitStack() as stack:
        for name, listen, does in (("api", api, NOTHING), ("plain", plain, FILES.format(root=folder / "replica"))):
            stack.enter_context(
                running(folder / name, PLAIN.format(user=_directive(), listen=listen, does=does), listen)
            )
        pids = [
            stack.enter_context(running(folder / f"edge-{n}", _conf(n, e, plain, api), e)) for n, e in enumerate(edges)
        ]
        urls = [f"http://{edge}{_signed()}" for edge in edges]
        for url in urls:
            _fill(url)
        for _ in range(rounds):
            for count in EDGES:
                rate, cost_us = _round(urls[:count], pids[:count], seconds_each)
                rates[count].append(rate)
                costs[count].append(cost_us)
    return rates, costs


def _round(urls: list[str], pids: list[int], seconds_each: int) -> tuple[float, float]:
    leaders = dict.fromkeys(pids, "edges")
    before, began = seconds(leaders)["edges"], time.perf_counter()
    with ThreadPoolExecutor(len(urls)) as clients:
        rate = sum(clients.map(lambda url: requests_per_s(url, CONNECTIONS, seconds_each), urls))
    elapsed = time.perf_counter() - began
    return rate, 1e6 * (seconds(leaders)["edges"] - before) / (rate * min(elapsed, seconds_each))


def _conf(number: int, listen: str, plain: str, api: str) -> str:
    user = "root" if os.geteuid() == 0 else ""
    conf = nginx.edge_conf(f"edge-{number}", listen, (plain,), api=api, user=user, access_log="/dev/null", workers="1")
    return conf.replace("worker_connections 1024", "worker_connections 4096")


def _directive() -> str:
    return "user root;" if os.geteuid() == 0 else ""


def _signed() -> str:
    grant = MediaGrant(
        audience=Audience.MEDIA, title_id=1, release_id=2, session_id=3, lines=720, expires=int(time.time()) + 3600
    )
    return media_path(grant, "video/h264-720p/1.m4s", key=KEY)


def _fill(url: str) -> None:
    for _ in range(2):
        answer = httpx.get(url)
    if answer.headers.get("X-Cache-Status") != "HIT":
        raise Unavailable("the edge does not keep the segment", got=str(answer.status_code))


if __name__ == "__main__":
    main()
