"""Writes a bench's results: a JSON file of everything measured, and one line per figure."""

import json
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

RESULTS = Path(__file__).with_name("results")


@dataclass(frozen=True)
class Figure:
    """One number to remember; `name` is dotted, `unit` one word."""

    name: str
    value: float
    unit: str

    def __str__(self) -> str:
        return f"figure {self.name} {self.value:.4g} {self.unit}"


def spread(values: Sequence[float]) -> str:
    """Median and range for people, e.g. `61.2 (60.8 to 63.0, 3 times)`."""
    return f"{median(values):.1f} ({min(values):.1f} to {max(values):.1f}, {len(values)} times)"


def keep_table(name: str, markdown: str) -> None:
    """Write `bench/results/<name>.md`."""
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}.md").write_text(markdown + "\n")


def report(bench: str, figures: Sequence[Figure], details: Mapping[str, Any]) -> None:
    """Write `bench/results/<bench>.json` and print the figures, last of all."""
    machine = {"cores": os.cpu_count(), "machine": platform.machine(), "python": platform.python_version()}
    document = {"at": datetime.now(UTC).isoformat(), **machine, "figures": [asdict(f) for f in figures], **details}
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{bench}.json").write_text(json.dumps(document, indent=1, default=str) + "\n")
    for figure in figures:
        print(figure)
