"""A service of the compose file as a bundle of the OCI runtime specification: a root folder and a config.json."""

import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.compose import rootfs
from bench.compose.file import ROOT, volume
from bench.compose.images import Image
from bench.compose.network import namespace

# What Docker leaves to a process of root.
CAPABILITIES = [
    *(
        "CAP_CHOWN",
        "CAP_DAC_OVERRIDE",
        "CAP_FSETID",
        "CAP_FOWNER",
        "CAP_MKNOD",
        "CAP_NET_RAW",
        "CAP_SETGID",
        "CAP_SETUID",
    ),
    *("CAP_SETFCAP", "CAP_SETPCAP", "CAP_NET_BIND_SERVICE", "CAP_SYS_CHROOT", "CAP_KILL", "CAP_AUDIT_WRITE"),
]
BYTES = {"b": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30}
PERIOD_US = 100_000


@dataclass(frozen=True)
class Home:
    """Where a run keeps its containers, its volumes and what it knows of names."""

    path: Path
    hosts: str
    configs: Mapping[str, str]  # by name, the content

    def bundle(self, service: str) -> Path:
        return self.path / "containers" / service

    def volume(self, name: str) -> Path:
        return self.path / "volumes" / name


def write(home: Home, name: str, service: Mapping[str, Any], image: Image) -> Path:
    """Make the service's bundle; its folder."""
    folder = home.bundle(name)
    root = folder / "rootfs"
    rootfs.make(root, name, service, image, home.hosts)
    mounts = [*_usual(service), *(_bind(source, target, "ro") for source, target in image.mounts)]
    mounts += [*_volumes(home, name, service, image), *_configs(home, folder, service)]
    mounts.sort(key=lambda mount: mount["destination"].count("/"))  # what lies within another comes after it
    config = {
        "ociVersion": "1.0.2",
        "hostname": rootfs.hostname(name, service),
        "root": {"path": "rootfs", "readonly": bool(service.get("read_only"))},
        "process": _process(name, service, image),
        "mounts": mounts,
        "linux": {
            "namespaces": [
                *({"type": kind} for kind in ("pid", "ipc", "uts", "mount")),
                {"type": "network", "path": f"/var/run/netns/{namespace(name)}"},
            ],
            "resources": _limits(service),
            "cgroupsPath": f"/{namespace(name)}",
        },
    }
    (folder / "config.json").write_text(json.dumps(config, indent=1))
    return folder


def _process(name: str, service: Mapping[str, Any], image: Image) -> dict[str, Any]:
    init = ["/usr/bin/tini", "--"] if service.get("init") else []
    given = {k: str(v) for k, v in (service.get("environment") or {}).items()}
    environment = {"HOSTNAME": rootfs.hostname(name, service), **image.environment, **given}
    held = [] if "ALL" in service.get("cap_drop", []) else CAPABILITIES
    return {
        "user": {"uid": image.user, "gid": image.user},
        "args": [*init, *image.entrypoint, *service["command"]],
        "env": [f"{k}={v}" for k, v in environment.items()],
        "cwd": image.workdir,
        "capabilities": {"bounding": held},
        "noNewPrivileges": "no-new-privileges:true" in service.get("security_opt", []),
    }


def _usual(service: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The file systems that every container has."""
    yield {"destination": "/proc", "type": "proc", "source": "proc"}
    safe = ["nosuid", "noexec", "nodev"]
    yield {"destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "mode=755", "size=65536k"]}
    terminals = ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"]
    yield {"destination": "/dev/pts", "type": "devpts", "source": "devpts", "options": terminals}
    size = _bytes(str(service.get("shm_size", "64m")))
    options = [*safe, "mode=1777", f"size={size}"]
    yield {"destination": "/dev/shm", "type": "tmpfs", "source": "shm", "options": options}  # noqa: S108
    yield {"destination": "/sys", "type": "sysfs", "source": "sysfs", "options": [*safe, "ro"]}
    for folder in service.get("tmpfs", []):
        yield {"destination": folder, "type": "tmpfs", "source": "tmpfs", "options": [*safe, "mode=1777"]}


def _volumes(home: Home, name: str, service: Mapping[str, Any], image: Image) -> Iterator[dict[str, Any]]:
    for text in service.get("volumes", []):
        source, target, read_only = volume(text)
        mode = "ro" if read_only else "rw"
        if source.startswith("."):
            yield _bind(ROOT / source, target, mode)
            continue
        folder = home.volume(f"{name}{source}" if source == target else source)
        _fill(folder, target, image)
        yield _bind(folder, target, mode)


def _fill(folder: Path, target: str, image: Image) -> None:
    """A new volume gets the owner of the image's folder, and the folders within it."""
    within = [each for each in image.folders if Path(each).is_relative_to(target)]
    for each in within:
        made = folder / Path(each).relative_to(target)
        if not made.exists():
            made.mkdir(parents=True)
            os.chown(made, image.user, image.user)
    folder.mkdir(parents=True, exist_ok=True)


def _configs(home: Home, folder: Path, service: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for config in service.get("configs", []):
        path = folder / config["source"]
        path.write_text(home.configs[config["source"]])
        path.chmod(config.get("mode", 0o444))
        yield _bind(path, config["target"], "ro")


def _bind(source: Path, target: str, mode: str) -> dict[str, Any]:
    return {"destination": target, "type": "bind", "source": str(source), "options": ["rbind", mode]}


def _limits(service: Mapping[str, Any]) -> dict[str, Any]:
    """Memory and processors, as `deploy.resources.limits` has them."""
    said = service.get("deploy", {}).get("resources", {}).get("limits", {})
    limits: dict[str, Any] = {"devices": [{"allow": False, "access": "rwm"}]}
    if "memory" in said:
        limits["memory"] = {"limit": _bytes(said["memory"])}
    if "cpus" in said:
        limits["cpu"] = {"period": PERIOD_US, "quota": int(float(said["cpus"]) * PERIOD_US)}
    return limits


def _bytes(text: str) -> int:
    number, unit = re.fullmatch(r"(\d+)([bkmg]?)b?", text.lower()).groups()  # type: ignore[union-attr]
    return int(number) * BYTES[unit or "b"]
