"""Starts nginx in a container: `nginx.py edge …`, `nginx.py shield …` or `nginx.py origin …`.

Writes the role's configuration from deploy/nginx and becomes nginx, so that it gets the container's signals. Runs with
the distribution's own Python: it imports nothing but the standard library, Jinja and marquee.content.edge.nginx.
"""

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

from marquee.content.edge.nginx import Region, command, edge_conf, origin_conf, shield_conf

HOME = Path("/var/lib/marquee-edge")


def replica(text: str) -> Region:
    """A region from `<name>@<listen>=<URL of its bucket>`."""
    name, _, rest = text.partition("@")
    listen, _, url = rest.partition("=")
    if not (name and listen and url):
        raise argparse.ArgumentTypeError(f"expected <name>@<listen>=<url>, got {text!r}")
    return Region(name, listen, url=url.rstrip("/"))


def arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, default=HOME, help="where nginx keeps its files and its cache")
    roles = parser.add_subparsers(dest="role", required=True)
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
    return parser.parse_args(argv)


def configuration(wanted: argparse.Namespace) -> str:
    """nginx's configuration for the role."""
    if wanted.role == "origin":
        return origin_conf(tuple(wanted.replicas), resolver=wanted.resolver)
    origins = tuple(wanted.origins)
    if wanted.role == "shield":
        return shield_conf(wanted.name, wanted.listen, origins, cache_mb=wanted.cache_mb)
    return edge_conf(wanted.name, wanted.listen, origins, api=wanted.api, cache_mb=wanted.cache_mb)


def main() -> None:
    """Become nginx."""
    wanted = arguments()
    (wanted.home / "temp").mkdir(exist_ok=True)
    (wanted.home / "nginx.conf").write_text(configuration(wanted))
    argv = command(wanted.home)
    os.execv(argv[0], argv)  # noqa: S606  no shell is wanted


if __name__ == "__main__":
    main()
