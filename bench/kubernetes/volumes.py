"""Folders as kubelet makes them: for the pod's group to write in."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench.compose.bundle import Home
from bench.compose.playing import WORKER


def make(folder: Path, services: Mapping[str, Any], authority: str) -> None:
    """All folders that the pods mount, below the home of a run; `authority` is for the viewer of the rehearsal."""
    home = Home(folder, "", {})
    for name, service in services.items():
        for text in service["volumes"]:
            source = text.partition(":")[0]
            _writable(home.volume(f"{name}{source}" if source == text else source), service["user"])
    tls = home.volume("tls")
    tls.mkdir(parents=True)
    (tls / "authority.pem").write_text(authority)
    if WORKER in services:
        _share_tmp(home)


def _writable(folder: Path, group: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    os.chown(folder, 0, group)
    folder.chmod(0o2777)


def _share_tmp(home: Home) -> None:
    """The film is laid into the worker's root, whose /tmp is a volume here."""
    made = home.volume(f"{WORKER}/tmp")  # noqa: S108
    made.rmdir()
    made.symlink_to(home.bundle(WORKER) / "rootfs" / "tmp")
