"""Reads the reviewed list of mutants that change nothing anyone could notice, equivalent.toml."""

import tomllib
from pathlib import Path

LISTED = Path(__file__).with_name("equivalent.toml")


def reasons(module: str) -> dict[tuple[str, str], str]:
    """Why mutants of a module are equivalent, by the text of their line and what they change."""
    entries = tomllib.loads(LISTED.read_text()).get(module, [])
    return {(entry["line"], entry["mutant"]): entry["why"] for entry in entries}
