"""How the API grows with processes: `python -m bench.roles`. The method is in docs/bench.md."""

import argparse
import os
import re
import shutil
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import text

from bench import figures
from bench.api.server import catalogue, serving
from bench.figures import Figure, spread
from bench.members.seeding import DEVICES, PROFILES, SESSIONS, fill
from bench.processes import busy
from marquee.catalogue.database import begin
from marquee.contracts.errors import Unavailable
from marquee.contracts.members import Member
from marquee.members.sign_in.log_in import access_token

ACCOUNTS, TITLES = 500, 200
CONNECTIONS, WARM_S = 16, 3
LOADS = ("browse", "play")
ROLES = {"browse": "catalogue,members", "play": "playback,events"}
# One request after another, as `wrk` takes them; every tenth of `play` is a batch of events.
SCRIPT = """
local tokens = {{ {tokens} }}
local turn = 0
function request()
    turn = turn + 1
    local who = turn % #tokens + 1
    local headers = {{ ["Authorization"] = "Bearer " .. tokens[who], ["Content-Type"] = "application/json" }}
    {choice}
end
"""
CHOICES = {
    "browse": """
    if turn % 2 == 0 then return wrk.format("GET", "/v1/titles?limit=24", headers) end
    return wrk.format("GET", "/v1/profiles/" .. ({first} + who) .. "/rows", headers)
    """,
    "play": """
    local session = {session} + who
    if turn % 10 > 0 then return wrk.format("GET", "/v1/steering/" .. session, headers) end
    local event = '{{"events":[{{"session_id":"' .. session .. '","seq":' .. turn ..
        ',"name":"heartbeat","viewer_time_ms":1790000000000,"position_ms":7}}]}}'
    return wrk.format("POST", "/v1/events", headers, event)
    """,
}
Ports = dict[str, int]


def main() -> None:
    wanted = _arguments()
    if not shutil.which("wrk"):
        sys.exit("wrk is not installed: apt-get install wrk")
    with TemporaryDirectory(prefix="marquee-bench-") as home, catalogue(Path(home)):
        fill(accounts=ACCOUNTS, profiles=ACCOUNTS, progress=ACCOUNTS, titles=TITLES)
        scripts = _scripts(Path(home))
        shapes = {"core": _core, "one": _one, "workers": _workers, "roles": _roles}
        rates: dict[str, list[float]] = {name: [] for name in shapes}
        cores: dict[str, list[float]] = {name: [] for name in shapes}
        for _ in range(wanted.repeat):
            for name, shape in shapes.items():
                with shape() as ports:
                    _asked(ports, scripts, WARM_S)
                    before = busy()
                    rates[name].append(_asked(ports, scripts, wanted.seconds))
                    cores[name].append((busy() - before) / wanted.seconds)
    for name, found in rates.items():
        print(f"{name}: {spread(found)} requests/s on {statistics.median(cores[name]):.2f} cores")
    middle = {name: statistics.median(found) for name, found in rates.items()}
    values = [Figure(f"roles.{name}_per_s", value, "requests/s") for name, value in middle.items()]
    values += [Figure(f"roles.{name}_vs_one", middle[name] / middle["one"], "ratio") for name in ("workers", "roles")]
    values += [Figure(f"roles.{name}_vs_core", middle[name] / middle["core"], "ratio") for name in ("workers", "roles")]
    values.append(Figure("roles.cores_with_one", statistics.median(cores["one"]), "cores"))
    figures.report("roles", values, {"rates": rates, "cores": cores})


@contextmanager
def _core() -> Iterator[Ports]:
    """All roles in one process, on one core together with the database and who asks."""
    cores = os.sched_getaffinity(0)
    try:
        _keep_to({min(cores)})
        with _one() as ports:
            yield ports
    finally:
        _keep_to(cores)


def _keep_to(cores: set[int]) -> None:
    """This process and the database's, and what they start from now on, which inherits it."""
    for pid in (os.getpid(), *_database()):
        os.sched_setaffinity(pid, cores)


def _database() -> list[int]:
    """The database's processes."""
    with begin() as session:
        folder = session.scalar(text("show data_directory"))
    first = int(Path(str(folder), "postmaster.pid").read_text().split()[0])
    return [first, *map(int, Path(f"/proc/{first}/task/{first}/children").read_text().split())]


@contextmanager
def _one() -> Iterator[Ports]:
    """All roles in one process."""
    with serving() as server:
        yield dict.fromkeys(LOADS, server.port)


@contextmanager
def _workers() -> Iterator[Ports]:
    """All roles in two processes at one port."""
    with serving(workers=2) as server:
        yield dict.fromkeys(LOADS, server.port)


@contextmanager
def _roles() -> Iterator[Ports]:
    """Two processes, each with two roles."""
    with ExitStack() as stack:
        ports = {}
        for name, roles in ROLES.items():
            os.environ["MARQUEE_SERVE"] = roles
            ports[name] = stack.enter_context(serving()).port
        del os.environ["MARQUEE_SERVE"]
        yield ports


def _asked(ports: Ports, scripts: dict[str, Path], seconds: int) -> float:
    """Answers per second to both loads at once. Raises Unavailable when one was no success."""
    running = [_wrk(ports[name], scripts[name], seconds) for name in LOADS]
    said = [each.communicate()[0] for each in running]
    return sum(_rate(each) for each in said)


def _wrk(port: int, script: Path, seconds: int) -> "subprocess.Popen[str]":
    words = ["--threads", "1", "--connections", str(CONNECTIONS), "--duration", f"{seconds}s", "--script", str(script)]
    argv = ["wrk", *words, f"http://127.0.0.1:{port}"]
    return subprocess.Popen(argv, stdout=subprocess.PIPE, text=True)


def _rate(said: str) -> float:
    found = re.search(r"Requests/sec:\s+([\d.]+)", said)
    if found is None or "Non-2xx" in said or "Socket errors" in said:
        raise Unavailable("not every request succeeded", got=said[-400:])
    return float(found[1])


def _scripts(home: Path) -> dict[str, Path]:
    members = (Member(n, DEVICES + n, PROFILES + n) for n in range(1, ACCOUNTS + 1))
    tokens = ",".join(f'"{access_token(member)}"' for member in members)
    found = {}
    for name, choice in CHOICES.items():
        found[name] = home / f"{name}.lua"
        found[name].write_text(SCRIPT.format(tokens=tokens, choice=choice.format(first=PROFILES, session=SESSIONS)))
    return found


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=int(os.environ.get("SECONDS_EACH", "20")))
    parser.add_argument("--repeat", type=int, default=int(os.environ.get("REPEAT", "3")))
    return parser.parse_args()


if __name__ == "__main__":
    main()
