"""Runs ffprobe on local files only, with a chosen demuxer and bounded analysis; returns its JSON."""

import json
from pathlib import Path
from typing import Any

from marquee.tools.binaries import ffprobe
from marquee.tools.process import run


def probe(path: Path, *entries: str, demuxer: str | None = None, timeout_s: float = 120) -> dict[str, Any]:
    """ffprobe's answer for a local file; `entries` are its section switches, e.g. "-show_streams".

    Raises ToolFailed when the file cannot be read.
    """
    force = ["-f", demuxer] if demuxer else []
    argv = [ffprobe(), "-v", "error", "-protocol_whitelist", "file,pipe", *force, "-of", "json", *entries, local(path)]
    answer: dict[str, Any] = json.loads(run(argv, timeout_s=timeout_s).stdout or b"{}")
    return answer


def local(path: Path) -> str:
    """A path that no program can take for an option or a URL."""
    return f"file:{path.resolve()}"
