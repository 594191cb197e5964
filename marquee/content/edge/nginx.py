"""Configurations of nginx as origin, shield and edge."""

from dataclasses import dataclass
from math import ceil
from pathlib import Path

from marquee.tools.nginx import TEMPLATES, Identity, InsideTls, lua_modules, module, render

STANDING_S = 15
PATIENCE_S = 20  # with a client that neither sends nor reads


@dataclass(frozen=True)
class Region:
    """One replica: where its server listens, and the folder or the HTTP address of the bucket behind it."""

    name: str
    listen: str
    folder: Path | None = None
    url: str = ""


def origin_conf(
    regions: tuple[Region, ...],
    *,
    user: str = "",
    resolver: str = "",
    workers: str = "auto",
    inside: InsideTls | None = None,
    access_log: str = "/dev/stdout",
) -> str:
    """The origin role. `resolver` is a DNS server, needed when a region is object storage reached by a host name.

    With `inside` it speaks TLS, and serves those alone who show a certificate of the authority.
    """
    return render(
        "origin.conf.j2",
        regions=regions,
        user=user,
        resolver=resolver,
        workers=workers,
        inside=inside,
        access_log=access_log,
    )


def edge_conf(
    name: str,
    listen: str,
    origins: tuple[str, ...],
    *,
    api: str,
    user: str = "",
    access_log: str = "/dev/stdout",
    log_folder: Path | None = None,
    cache_mb: int = 20_480,
    keys_mb: int = 32,
    standing_s: int = STANDING_S,
    patience_s: int = PATIENCE_S,
    workers: str = "auto",
    public: Identity | None = None,
    inside: InsideTls | None = None,
) -> str:
    """The edge role. `origins` are host:port addresses, the preferred one first; `api` is one too; sizes in MiB.

    Requests are logged in `access_log`, or into files of 100 seconds each in `log_folder`, which has to exist.

    `standing_s` is how long the API's answer holds whether a session may still be served, `patience_s` how long a
    client may neither send its request nor read the answer. With `public` it speaks TLS to viewers, with `inside` to
    what it asks, to whom it then shows its certificate.

    The process needs the secrets `edge_key` and, for releases with a watermark, `watermark_key` in its environment, as
    MARQUEE_EDGE_KEY and MARQUEE_WATERMARK_KEY.
    """
    return _render_cache(
        "edge.conf.j2",
        name=name,
        listen=listen,
        origins=origins,
        api=api,
        user=user,
        access_log=access_log,
        log_folder=log_folder,
        cache_mb=cache_mb,
        keys_mb=keys_mb,
        kept_s=ceil(standing_s / 2),  # in the cache, in whole seconds
        held_s=standing_s // 2,  # after that by a process of nginx that has looked into it
        patience_s=patience_s,
        workers=workers,
        public=public,
        inside=inside,
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
    inside: InsideTls | None = None,
) -> str:
    """The shield role: the cache of a region, before the origin. Arguments and the secret as for an edge.

    With `inside` it speaks TLS, and serves those alone who show a certificate of the authority.
    """
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
        inside=inside,
    )


def _render_cache(template: str, **values: object) -> str:
    return render(
        template,
        scripts=TEMPLATES,
        modules=(*lua_modules(), module("ngx_http_cache_purge", "libnginx-mod-http-cache-purge")),
        **values,
    )
