"""Runs what the runbooks say to look at, on a running platform: a command that does not work there helps nobody."""

import re
import subprocess
from pathlib import Path

from bench.stack import ROOT, Stack

RUNBOOKS = ROOT / "docs" / "runbooks"
SHELL = re.compile(r"^```sh\n(.*?)^```", re.DOTALL | re.MULTILINE)
TIMEOUT_S = 120


def commands() -> list[tuple[str, str]]:
    """Runbook and command, each command once and without what follows its first pipe."""
    found: dict[str, str] = {}
    for path in sorted(RUNBOOKS.glob("*.md")):
        for block in SHELL.findall(path.read_text()):
            for line in block.splitlines():
                found.setdefault(line.split(" | ")[0].strip(), path.stem)
    return [(runbook, command) for command, runbook in found.items()]


def rehearse(stack: Stack, folder: Path, slug: str) -> tuple[int, list[str]]:
    """How many commands there are, and what those said that failed."""
    (folder / "var").symlink_to(stack.settings.home)
    asked = commands()
    told = (_run(stack, folder, runbook, command.replace("my-film", slug)) for runbook, command in asked)
    return len(asked), [fault for fault in told if fault]


def _run(stack: Stack, folder: Path, runbook: str, command: str) -> str:
    s = stack.settings
    for usual, port in ((8000, s.port_api), (9464, s.port_metrics), (8095, s.port_shield)):
        command = command.replace(f"localhost:{usual}", f"127.0.0.1:{port}")
    done = subprocess.run(
        ["/bin/bash", "-c", command],
        cwd=folder,
        env=stack.environment,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    return f"{runbook}: {command}: {done.stdout[-200:]}{done.stderr[-300:]}" if done.returncode else ""
