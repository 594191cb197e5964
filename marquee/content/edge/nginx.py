"""Configuration and command of nginx as origin and as edge, made from the templates in deploy/nginx."""

import os
import shutil
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from marquee.contracts.errors import Unavailable

TEMPLATES = Path(__file__).parents[3] / "deploy" / "nginx"
SCRIPT = TEMPLATES / "edge.js"
NJS_MODULES = tuple(
    Path(folder) / "ngx_http_js_module.so"
    for folder in ("/usr/lib/nginx/modules", "/usr/lib64/nginx/modules", "/etc/nginx/modules")
)
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
    return _render(
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
        script=SCRIPT,
        njs_module=njs_module(),
    )


@lru_cache
def njs_module() -> Path:
    """nginx's JavaScript module. Raises Unavailable when it is not installed."""
    for path in NJS_MODULES:
        if path.exists():
            return path
    raise Unavailable(
        "nginx has no JavaScript module",
        where=", ".join(str(p.parent) for p in NJS_MODULES),
        expected="the package libnginx-mod-http-js",
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


def _render(template: str, **values: object) -> str:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,  # noqa: S701  not HTML
    )
    return environment.get_template(template).render(**values)
