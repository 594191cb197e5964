"""A real Prometheus for this bench and for tests: Debian's, on a port of its own, with the project's rules."""

import json
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import yaml

from marquee.contracts.errors import Unavailable
from marquee.embedded.ports import free
from marquee.embedded.processes import wait_until

RULES = Path(__file__).parents[2] / "deploy" / "prometheus"


class Prometheus:
    """What it is asked, over HTTP."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"

    def _ask(self, path: str, **values: Any) -> Any:
        return httpx.get(f"{self.url}/api/v1/{path}", params=values).raise_for_status().json()["data"]

    def query(self, text: str) -> list[dict[str, Any]]:
        """The samples of now."""
        found: list[dict[str, Any]] = self._ask("query", query=text)["result"]
        return found

    def up(self) -> set[str]:
        """The jobs of which every target was scraped."""
        seen = {each["metric"]["job"]: each["value"][1] for each in self.query("min by (job) (up)")}
        return {job for job, value in seen.items() if value == "1"}

    def rule_faults(self) -> list[str]:
        groups = self._ask("rules")["groups"]
        return [rule["lastError"] for group in groups for rule in group["rules"] if rule.get("lastError")]


def program(name: str) -> str:
    """A program of Debian's packages. Raises Unavailable."""
    found = shutil.which(name)
    if not found:
        raise Unavailable(f"{name} is not installed", expected="the packages prometheus and prometheus-alertmanager")
    return found


@contextmanager
def prometheus(folder: Path, targets: Mapping[str, str]) -> Iterator[Prometheus]:
    """One that scrapes `targets` (job to host:port) and evaluates the rules each second, until the block ends."""
    jobs = [{"job_name": job, "static_configs": [{"targets": [at]}]} for job, at in targets.items()]
    rules = [str(RULES / name) for name in ("recording.yml", "alerts.yml")]
    every = {"scrape_interval": "1s", "evaluation_interval": "1s"}
    conf = folder / "prometheus.yml"
    conf.write_text(yaml.safe_dump({"global": every, "rule_files": rules, "scrape_configs": jobs}))
    (port,) = free(1)
    argv = [
        program("prometheus"),
        f"--config.file={conf}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
    ]
    with (folder / "stderr").open("wb") as log:
        process = subprocess.Popen(argv, stderr=log, cwd=folder)
    try:
        made = Prometheus(port)
        assert wait_until(lambda: _ready(made.url), 20), (folder / "stderr").read_text()
        yield made
    finally:
        process.terminate()
        process.wait(20)


def _ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/-/ready").is_success
    except httpx.HTTPError:
        return False


def panels() -> dict[str, str]:
    """The query of every panel of every dashboard, as Grafana reads them: by dashboard and title."""
    found = {}
    for path in sorted((RULES.parent / "grafana" / "dashboards").glob("*.json")):
        for panel in json.loads(path.read_text())["panels"]:
            for target in panel["targets"]:
                found[f"{path.stem}: {panel['title']}"] = target["expr"]
    return found
