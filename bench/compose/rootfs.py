"""The root folder of a container: its folders, and the files by which it knows users and names."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench.compose.images import Image
from bench.compose.network import RESOLVER

LINKS = {"bin": "usr/bin", "lib": "usr/lib", "lib64": "usr/lib64", "sbin": "usr/sbin"}
EVERYWHERE = ("etc", "tmp", "run", "root", "var/lib")


def hostname(name: str, service: Mapping[str, Any]) -> str:
    """The file's own; Docker gives a container's id otherwise, here names can be read."""
    return str(service.get("hostname", f"{name}-1"))


def make(root: Path, name: str, service: Mapping[str, Any], image: Image, hosts: str) -> None:
    """Make what is missing; what a service has written into its root stays, as when a container starts again."""
    own = [root / folder.lstrip("/") for folder in image.folders]
    for folder in (*(root / each for each in EVERYWHERE), *own):
        folder.mkdir(parents=True, exist_ok=True)
    (root / "tmp").chmod(0o1777)
    for link, target in LINKS.items():
        if not (root / link).is_symlink():
            (root / link).symlink_to(target)
    for folder in {*own, *(each.parent for each in own)} - {root, root / "var/lib"}:
        os.chown(folder, image.user, image.user)
    for file, content in _files(image, hostname(name, service), name, hosts).items():
        (root / "etc" / file).write_text(content)


def _files(image: Image, host: str, name: str, hosts: str) -> dict[str, str]:
    """In /etc. The first name of its own address is the container's, as under Docker: programs tell each other that."""
    user, home = image.user, image.environment.get("MARQUEE_HOME", "/")
    return {
        "passwd": f"root:x:0:0::/root:/bin/sh\nservice:x:{user}:{user}::{home}:/bin/sh\n",
        "group": f"root:x:0:\nnogroup:x:65534:\nservice:x:{user}:\n",
        "hosts": re.sub(rf" {re.escape(name)}$", f" {host} {name}", hosts, flags=re.MULTILINE),
        "hostname": f"{host}\n",
        "resolv.conf": f"nameserver {RESOLVER}\n",
        "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\n",
    }
