"""Configuration and command of nginx as origin, shield and edge, made from the templates in deploy/nginx."""

import os
import shutil
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from marquee.contracts.errors import Unavailable

TEMPLATES = Path(__file__).parents[3] / "deploy" / "nginx"
SCRIPT = TEMPLATES / "edge.js"
MODULES = tuple(Path(folder) for folder in ("/usr/lib/nginx/modules", "/usr/lib64/nginx/modules", "/etc/nginx/modules"))
STANDING_S = 15


@dataclass(frozen=True)
class Region:
    """One replica: where its server listens, and the folder or the HTTP address of the bucket behind it."""

    name: str
    listen: str
    folder: Path | None = None
    url: str = ""


def origin_conf(regions: tuple[Region, ...], *, user: str = "", resolver: str = "", workers: str = "auto") -> str:
    """The origin role. `resolver` is a DNS server, needed when a region is object storage reached by a host name."""
    return _render(
        "origin.conf.j2",
        regions=regions,
        user=user,
        resolver=resolver,
        workers=workers,
    )


def edge_conf(
    name: str,
    listen: str,
    origins: tuple[str, ...],
    *,
    api: str,
    user: str = "",
    access_log: str = "/dev/stdout",
    cache_mb: int = 20_480,
    keys_mb: int = 32,
    standing_s: int = STANDING_S,
    workers: str = "auto",
) -> str:
    """The edge role. `origins` are host:port addresses, the preferred one first; `api` is one too; sizes in MiB.

    `standing_s` is how long the API's answer holds whether a session may still be served.

    The process needs the secret `edge_key` in its environment, as MARQUEE_EDGE_KEY.
    """
    return _render_cache(
        "edge.conf.j2",
        name=name,
        listen=listen,
        origins=origins,
        api=api,
        user=user,
        access_log=access_log,
        cache_mb=cache_mb,
        keys_mb=keys_mb,
        standing_s=standing_s,
        workers=workers,
    )


def shield_conf(
    name: str,
    listen: str,
    origins: tuple[str, ...],
    *,
    user: str = "",
    access_log: str = "/dev/stdout",
    cache_mb: int = 20_480,
    keys_mb: int = 32,
    workers: str = "auto",
) -> str:
    """The shield role: the cache of a region, before the origin. Arguments and the secret as for an edge."""
    return _render_cache(
        "shield.conf.j2",
        name=name,
        listen=listen,
        origins=origins,
        user=user,
        access_log=access_log,
        cache_mb=cache_mb,
        keys_mb=keys_mb,
        workers=workers,
    )


@lru_cache
def module(name: str, package: str) -> Path:
    """A module of nginx. Raises Unavailable when it is not installed."""
    for folder in MODULES:
        if (path := folder / f"ngx_http_{name}_module.so").exists():
            return path
    raise Unavailable(
        f"nginx has no module {name}", where=", ".join(map(str, MODULES)), expected=f"the package {package}"
    )


def command(prefix: Path) -> list[str]:
    """nginx in the foreground, with the configuration `nginx.conf` of its folder, where it also keeps all its state.

    Raises Unavailable when nginx is not installed.
    """
    return [_program(), "-p", f"{prefix}/", "-c", "nginx.conf", "-e", "stderr"]


def _program() -> str:
    """nginx, which Debian puts where only root's PATH looks."""
    found = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if not found:
        raise Unavailable("nginx is not installed", expected="the package nginx")
    return found


def _render_cache(template: str, **values: object) -> str:
    return _render(
        template,
        script=SCRIPT,
        njs_module=module("js", "libnginx-mod-http-js"),
        purge_module=module("cache_purge", "libnginx-mod-http-cache-purge"),
        **values,
    )


def _render(template: str, **values: object) -> str:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,  # noqa: S701  not HTML
    )
    return environment.get_template(template).render(**values)
