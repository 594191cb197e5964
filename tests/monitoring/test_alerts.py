"""Alerts, by promtool and amtool: each fires where it should and not elsewhere, and has a runbook."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from bench.observe.prometheus import RULES, program

needs_prometheus = pytest.mark.skipif(
    not shutil.which("promtool") or not shutil.which("amtool"), reason="no Prometheus"
)
ROOT = RULES.parents[1]
TESTS = ("alerts.yml", "slow_alerts.yml")
SECTIONS = ["What it means", "Look", "Do"]


def alerts() -> dict[str, dict[str, Any]]:
    groups = yaml.safe_load((RULES / "alerts.yml").read_text())["groups"]
    return {rule["alert"]: rule for group in groups for rule in group["rules"]}


def done(name: str, *words: str) -> str:
    finished = subprocess.run([program(name), *words], capture_output=True, text=True, timeout=120)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return finished.stdout


@needs_prometheus
@pytest.mark.parametrize("name", TESTS)
def test_alerts_fire_and_do_not_fire(name: str) -> None:
    done("promtool", "test", "rules", str(RULES / "tests" / name))


def test_every_alert_is_tested_both_ways() -> None:
    seen: dict[str, set[bool]] = {}
    for name in TESTS:
        for case in yaml.safe_load((RULES / "tests" / name).read_text())["tests"]:
            for rule in case["alert_rule_test"]:
                seen.setdefault(rule["alertname"], set()).add(bool(rule["exp_alerts"]))
    assert seen == {name: {True, False} for name in alerts()}


@needs_prometheus
def test_configurations_hold(tmp_path: Path) -> None:
    done("promtool", "check", "rules", str(RULES / "recording.yml"), str(RULES / "alerts.yml"))
    done("promtool", "check", "config", "--syntax-only", str(RULES / "prometheus.yml"))
    done("amtool", "check-config", str(RULES / "alertmanager.yml"))


@needs_prometheus
def test_alertmanager_sends_each_severity_to_its_own() -> None:
    config = f"--config.file={RULES / 'alertmanager.yml'}"
    for rule in alerts().values():
        severity = rule["labels"]["severity"]
        assert done("amtool", "config", "routes", "test", config, f"severity={severity}").strip() == severity


@pytest.mark.parametrize("name", alerts())
def test_every_alert_has_a_runbook(name: str) -> None:
    """That begins with what the alert says, and names the same severity and the same goal."""
    rule = alerts()[name]
    assert rule["annotations"]["runbook_url"] == f"docs/runbooks/{name}.md"
    text = (ROOT / rule["annotations"]["runbook_url"]).read_text()
    assert text.startswith(f"# {name}\n")
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == SECTIONS
    assert f"*{rule['labels']['severity']}*" in text
    assert "```sh" in text


def test_every_runbook_has_an_alert() -> None:
    assert {path.stem for path in (ROOT / "docs/runbooks").glob("[A-Z]*.md")} == set(alerts())
