"""The servers of each region, as processes in its namespace: PostgreSQL, API, origin, shield, edge."""

import json
import os
import secrets
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from bench.chaos.network import Network
from marquee.content.edge import nginx
from marquee.regions.standing import Standing, look_at_all
from marquee.settings import Settings, settings
from marquee.tools.nginx import command

ROOT = Path(__file__).parents[2]
POSTGRES, API, ORIGIN, SHIELD, EDGE = 5432, 8000, 8090, 8095, 8091
READY = {API: "/readyz", EDGE: "/healthz"}
KINDS = ("postgres", "api", "origin", "shield", "edge")
START_S, COMMAND_S = 120.0, 300.0
SECRET = ("master_key", "signing_key", "edge_key", "token_key", "airflow_password", "airflow_secret", "dns_key")


@dataclass
class Platform:
    """What runs where. Its own process acts as an operator outside of all regions."""

    network: Network
    home: Path
    regions: tuple[str, ...]
    synchronous: int
    lease_s: float
    running: dict[tuple[str, str], subprocess.Popen[bytes]] = field(default_factory=dict)
    first: str = ""

    def __post_init__(self) -> None:
        password = secrets.token_urlsafe(12)
        address = self.network.address
        self._shared = {
            "MARQUEE_REGIONS": json.dumps(
                {r: {"database": f"postgresql://marquee:{password}@{address(r)}:{POSTGRES}"} for r in self.regions}
            ),
            "MARQUEE_REGION_SYNCHRONOUS": str(self.synchronous),
            "MARQUEE_REGION_LEASE_S": str(self.lease_s),
            "MARQUEE_EDGES": json.dumps(
                {f"edge-{r}": {"url": f"http://{address(r)}:{EDGE}", "region": r} for r in self.regions}
            ),
            "MARQUEE_SHIELD_URLS": json.dumps({r: f"http://{address(r)}:{SHIELD}" for r in self.regions}),
            "MARQUEE_ORIGIN_URLS": json.dumps({r: f"file://{self.home}/origin/{r}" for r in self.regions}),
            "MARQUEE_LAKE_URL": f"file://{self.home}/lake",
            "MARQUEE_SMTP_URL": "smtp://127.0.0.1:9",
            "MARQUEE_LOG_JSON": "true",
            "PYTHONPATH": str(ROOT),
            **{f"MARQUEE_{name.upper()}": secrets.token_urlsafe(32) for name in SECRET},
        }
        self.first = self.regions[0]
        os.environ.update(self.environment(self.first))
        settings.cache_clear()

    def environment(self, region: str) -> dict[str, str]:
        """The settings of a region's processes."""
        return {**self._shared, "MARQUEE_REGION": region, "MARQUEE_HOME": str(self.home / region)}

    @property
    def settings(self) -> Settings:
        return settings()

    def url(self, region: str, port: int) -> str:
        return f"http://{self.network.address(region)}:{port}"

    def standings(self) -> dict[str, Standing]:
        return look_at_all(self.settings.regions)

    def writers(self) -> list[str]:
        """The regions that can be reached and take writes."""
        return [each.region for each in self.standings().values() if each.takes_writes]

    def start(self, region: str, kind: str) -> None:
        """Start one server of a region; one that runs already is left."""
        process = self.running.get((region, kind))
        if process is not None and process.poll() is None:
            return
        argv = self.network.inside(region, getattr(self, f"_{kind}")(region))
        log = self.home / region / f"{kind}.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as output:
            environment = {**os.environ, **self.environment(region)}
            self.running[region, kind] = subprocess.Popen(
                argv, cwd=ROOT, env=environment, stdout=output, stderr=output, process_group=0
            )

    def kill(self, region: str, kind: str) -> None:
        """kill -9; PostgreSQL's first process too, which is one of another group."""
        process = self.running.pop((region, kind))
        if kind == "postgres":
            pid = int((self.home / region / "postgres/data/postmaster.pid").read_text().split()[0])
            os.kill(pid, signal.SIGKILL)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def end(self) -> None:
        """Stop everything, the databases last."""
        for kind in reversed(KINDS):
            ending = [process for (_, each), process in self.running.items() if each == kind]
            for process in ending:
                process.send_signal(signal.SIGTERM)
            for process in ending:
                process.wait(60)
        self.running.clear()

    def marquee(self, region: str, *words: str) -> str:
        """Run `marquee …` on a region's machine; what it says. Raises RuntimeError with that, when it fails."""
        process = self.command(region, *words)
        said, _ = process.communicate(timeout=COMMAND_S)
        if process.returncode:
            raise RuntimeError(f"marquee {' '.join(words)} in {region}: {said}")
        return said

    def command(self, region: str, *words: str) -> "subprocess.Popen[str]":
        """The same, begun; what it says is in its standard output."""
        argv = self.network.inside(region, [sys.executable, "-m", "marquee.cli", *words])
        environment = {**os.environ, **self.environment(region)}
        output = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        return subprocess.Popen(argv, cwd=ROOT, env=environment, text=True, **output)

    def until_answers(self, region: str, port: int) -> None:
        """Wait until a server is ready. Raises RuntimeError with its last words."""
        deadline, said = time.monotonic() + START_S, ""
        while time.monotonic() < deadline:
            try:
                answer = httpx.get(f"{self.url(region, port)}{READY[port]}", timeout=3, trust_env=False)
                if answer.is_success:
                    return
                said = f"{answer.status_code} {answer.text[:200]}"
            except httpx.HTTPError as error:
                said = repr(error)
            time.sleep(0.2)
        logged = [line for log in (self.home / region).glob("*.log") for line in log.read_text().splitlines()[-3:]]
        raise RuntimeError(f"{region} is not ready on port {port}: {said}\n" + "\n".join(logged))

    def _postgres(self, region: str) -> list[str]:
        first = ["--first"] if region == self.first else []
        return [sys.executable, "-m", "marquee.cli", "region", "serve", *first]

    def _api(self, region: str) -> list[str]:
        words = ["--host", self.network.address(region), "--port", str(API), "--no-proxy-headers", "--no-access-log"]
        return [sys.executable, "-m", "uvicorn", "api.main:app", *words, "--log-level", "warning"]

    def _origin(self, region: str) -> list[str]:
        at = f"{self.network.address(region)}:{ORIGIN}"
        replica = nginx.Region(region, at, self.home / "origin" / region)
        return self._nginx(region, "origin", nginx.origin_conf((replica,), user="root", workers="1"))

    def _shield(self, region: str) -> list[str]:
        at = f"{self.network.address(region)}:{SHIELD}"
        conf = nginx.shield_conf(region, at, self._origins(region), user="root", cache_mb=512, workers="1")
        return self._nginx(region, "shield", conf)

    def _edge(self, region: str) -> list[str]:
        here, log = self.network.address(region), self.home / region / "edge-log" / f"edge-{region}"
        log.mkdir(parents=True, exist_ok=True)
        conf = nginx.edge_conf(
            f"edge-{region}",
            f"{here}:{EDGE}",
            (f"{here}:{SHIELD}", *self._origins(region)),
            api=f"{here}:{API}",
            user="root",
            log_folder=log,
            cache_mb=512,
            workers="1",
        )
        return self._nginx(region, "edge", conf)

    def _origins(self, first: str) -> tuple[str, ...]:
        """The nearest replica before the others."""
        return tuple(f"{self.network.address(r)}:{ORIGIN}" for r in sorted(self.regions, key=lambda r: r != first))

    def _nginx(self, region: str, name: str, conf: str) -> list[str]:
        prefix = self.home / region / "nginx" / name
        prefix.mkdir(parents=True, exist_ok=True)
        (prefix / "nginx.conf").write_text(conf)
        return command(prefix)
