"""nginx: where it is, the command that runs it, and its configurations made from the templates in deploy/nginx.

Imports nothing but the standard library, Jinja and the errors: containers without the platform's packages use it.
"""

import os
import shutil
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from marquee.contracts.errors import Unavailable

TEMPLATES = Path(__file__).parents[2] / "deploy" / "nginx"
MODULES = tuple(Path(folder) for folder in ("/usr/lib/nginx/modules", "/usr/lib64/nginx/modules", "/etc/nginx/modules"))


@dataclass(frozen=True)
class Identity:
    """A certificate with its chain, and its key, as PEM files; one file may hold both."""

    certificate: Path
    key: Path


@dataclass(frozen=True)
class InsideTls:
    """How a server shows who it is to the others inside, and by which authorities it knows them."""

    identity: Identity
    authority: Path


def render(template: str, **values: object) -> str:
    """A configuration from a template of deploy/nginx."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,  # noqa: S701  not HTML
    )
    return environment.get_template(template).render(**values)


@lru_cache
def module(name: str, package: str) -> Path:
    """A module of nginx by the name of its file. Raises Unavailable when it is not installed."""
    for folder in MODULES:
        if (path := folder / f"{name}_module.so").exists():
            return path
    raise Unavailable(
        f"nginx has no module {name}", where=", ".join(map(str, MODULES)), expected=f"the package {package}"
    )


def lua_modules() -> tuple[Path, ...]:
    """nginx's Lua, in the order of loading."""
    package = "libnginx-mod-http-lua"
    return module("ndk_http", package), module("ngx_http_lua", package)


def command(prefix: Path) -> list[str]:
    """nginx in the foreground, with the configuration `nginx.conf` of its folder, where it also keeps all its state.

    SIGHUP has it read configuration and certificates anew; what is being served is served to its end. Raises
    Unavailable when nginx is not installed.
    """
    return [_program(), "-p", f"{prefix}/", "-c", "nginx.conf", "-e", "stderr"]


def _program() -> str:
    """nginx, which Debian puts where only root's PATH looks."""
    found = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if not found:
        raise Unavailable("nginx is not installed", expected="the package nginx")
    return found
