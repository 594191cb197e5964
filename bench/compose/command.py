"""What rehearsals have in common as commands: arguments, what they demand of the machine, the logs that they keep."""

import argparse
import os
import shutil
import sys
from pathlib import Path

from bench import figures
from bench.compose import project
from bench.compose.project import Project

PATIENCE = 3.0


def arguments(description: str | None, parts: str, allowed: str) -> argparse.Namespace:
    """The command line; `parts` are what is started, `allowed` what PATIENCE is a multiple of.

    Ends the process where packages or root's rights are missing.
    """
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument(parts, nargs="*", help="these and what they depend on; all, and a film, by default")
    parser.add_argument("--no-film", action="store_true")
    parser.add_argument("--folder", type=Path, help="where volumes are kept meanwhile; the system's own by default")
    parser.add_argument("--patience", type=float, default=PATIENCE, help=f"times what {allowed} allow")
    wanted = parser.parse_args()
    if lacking := project.missing():
        sys.exit(f"these packages are missing: {', '.join(lacking)}")
    if os.geteuid() != 0:
        sys.exit("this makes namespaces and mounts, which needs root")
    return wanted


def keep_logs(running: Project, name: str) -> None:
    """Copy all containers' logs below bench/results."""
    folder = figures.RESULTS / name
    folder.mkdir(parents=True, exist_ok=True)
    for container, each in running.containers.items():
        shutil.copy(each.log, folder / f"{container}.log")


def say(line: str) -> None:
    print(line, flush=True)
