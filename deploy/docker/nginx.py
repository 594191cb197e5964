"""Starts nginx in a container: `nginx.py gateway …`, and so with `edge`, `shield` and `origin`.

Writes the role's configuration from deploy/nginx and becomes nginx, so that it gets the container's signals; on SIGHUP
it reads its certificates anew. Runs with the distribution's own Python: it imports nothing but the standard library,
Jinja and the modules of Marquee that write configurations.
"""

import argparse
import os
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from marquee.content.edge.nginx import Region, edge_conf, origin_conf, shield_conf
from marquee.gateway.nginx import YEAR_S, Site, gateway_conf, is_local
from marquee.gateway.roles import PATHS
from marquee.tools.nginx import Identity, InsideTls, command

HOME = Path("/var/lib/marquee-edge")


def replica(text: str) -> Region:
    """A region from `<name>@<listen>=<URL of its bucket>`."""
    name, _, rest = text.partition("@")
    listen, _, url = rest.partition("=")
    if not (name and listen and url):
        raise argparse.ArgumentTypeError(f"expected <name>@<listen>=<url>, got {text!r}")
    return Region(name, listen, url=url.rstrip("/"))


def site(text: str, *more: str) -> Site:
    """A site from `<public URL>=<host:port>`; `more` are further names of its own."""
    url, _, upstream = text.rpartition("=")
    parts = urlsplit(url)
    if not (parts.scheme == "https" and parts.hostname and upstream):
        raise argparse.ArgumentTypeError(f"expected https://<name>=<host:port>, got {text!r}")
    return Site(parts.netloc, tuple({parts.hostname: 0, **dict.fromkeys(more)}), upstream)


def role_at(text: str) -> tuple[str, str]:
    """A role of the API and its address, from `<role>=<host:port>`."""
    role, _, upstream = text.partition("=")
    if not (role in PATHS and upstream):
        raise argparse.ArgumentTypeError(f"expected <role>=<host:port> with one of {', '.join(PATHS)}, got {text!r}")
    return role, upstream


def words(text: str) -> tuple[str, ...]:
    return tuple(each.strip() for each in text.split(",") if each.strip())


def arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, default=HOME, help="where nginx keeps its files and its cache")
    parser.add_argument("--workers", default="auto", help="processes; by default one for each processor of the machine")
    roles = parser.add_subparsers(dest="role", required=True)
    gateway = roles.add_parser("gateway")
    gateway.add_argument("--listen", required=True, help="a port, or address:port")
    gateway.add_argument("--api", required=True, type=lambda text: site(text, "localhost"), help="<URL>=<host:port>")
    gateway.add_argument(
        "--role-at", type=role_at, action="append", default=[], help="<role>=<host:port> of a role that runs by itself"
    )
    gateway.add_argument("--airflow", type=site, help="<URL>=<host:port>, where Airflow is of this region")
    gateway.add_argument("--proxies", type=words, default=(), help="the operator's own, by commas")
    gateway.add_argument("--believed", type=words, default=(), help="headers of theirs that count, by commas")
    gateway.add_argument("--rate", type=float, default=1)
    gateway.add_argument("--spans", default="", help="host:port of what makes spans of its requests; none by default")
    gateway.add_argument("--span-share", type=float, default=1)
    edge, shield = roles.add_parser("edge"), roles.add_parser("shield")
    for cache in (edge, shield):
        cache.add_argument("--name", required=True)
        cache.add_argument("--listen", required=True, help="a port, or address:port")
        cache.add_argument("--cache-mb", type=int, default=20_480)
        cache.add_argument("origins", nargs="+", help="host:port of what it asks, the preferred one first")
    edge.add_argument("--api", required=True, help="host:port of the API, which says who may still be served")
    origin = roles.add_parser("origin")
    origin.add_argument("--resolver", required=True, help="the DNS server that knows the object storage")
    origin.add_argument("replicas", nargs="+", type=replica, help="<name>@<listen>=<URL of the replica's bucket>")
    for role in (gateway, edge, shield, origin):
        role.add_argument("--tls", type=Path, help="the role's folder of certificates")
    for role in (gateway, edge):
        role.add_argument("--certificate", type=Path, help="the operator's own, with its chain; made ones otherwise")
        role.add_argument("--key", type=Path)
    return parser.parse_args(argv)


def inside(wanted: argparse.Namespace) -> InsideTls | None:
    if not wanted.tls:
        return None
    path = wanted.tls / "inside.pem"
    return InsideTls(Identity(path, path), wanted.tls / "authority.pem")


def public(wanted: argparse.Namespace) -> Identity | None:
    """Docker Compose gives an empty word for what is not set."""
    if wanted.certificate and wanted.certificate.name:
        return Identity(wanted.certificate, wanted.key)
    path = wanted.tls and wanted.tls / "public.pem"
    return Identity(path, path) if path else None


def gateway(wanted: argparse.Namespace) -> str:
    shown = public(wanted)
    if shown is None:
        raise SystemExit("the gateway needs --tls or --certificate")
    sites = [each for each in (wanted.api, wanted.airflow) if each]
    return gateway_conf(
        wanted.listen,
        api=wanted.api,
        airflow=wanted.airflow,
        public=shown,
        inside=inside(wanted),
        proxies=wanted.proxies,
        believed=wanted.believed,
        roles=dict(wanted.role_at),
        rate=wanted.rate,
        spans=wanted.spans,
        span_share=wanted.span_share,
        hsts_s=0 if is_local(name for each in sites for name in each.names) else YEAR_S,
        workers=wanted.workers,
    )


def configuration(wanted: argparse.Namespace) -> str:
    """nginx's configuration for the role."""
    if wanted.role == "gateway":
        return gateway(wanted)
    tls = inside(wanted)
    if wanted.role == "origin":
        return origin_conf(tuple(wanted.replicas), resolver=wanted.resolver, workers=wanted.workers, inside=tls)
    origins, mb, workers = tuple(wanted.origins), wanted.cache_mb, wanted.workers
    if wanted.role == "shield":
        return shield_conf(wanted.name, wanted.listen, origins, cache_mb=mb, workers=workers, inside=tls)
    shown = public(wanted)
    return edge_conf(
        wanted.name,
        wanted.listen,
        origins,
        api=wanted.api,
        cache_mb=mb,
        public=shown,
        inside=tls,
        log_folder=log_folder(wanted),
        workers=workers,
    )


def log_folder(wanted: argparse.Namespace) -> Path:
    """Where an edge logs what it serves: a folder of its own on the disk that the shipping task reads."""
    return Path(wanted.home) / "log" / str(wanted.name)


def main() -> None:
    """Become nginx."""
    wanted = arguments()
    (wanted.home / "temp").mkdir(exist_ok=True)
    if wanted.role == "edge":
        log_folder(wanted).mkdir(parents=True, exist_ok=True)
    (wanted.home / "nginx.conf").write_text(configuration(wanted))
    argv = command(wanted.home)
    os.execv(argv[0], argv)  # noqa: S606  no shell is wanted


if __name__ == "__main__":
    main()
