"""Configuration of nginx as the gateway."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from marquee.contracts.errors import InvalidInput
from marquee.gateway.limits import CLASSES
from marquee.gateway.roles import PATHS, REST
from marquee.tools.nginx import TEMPLATES, Identity, InsideTls, lua_modules, render

YEAR_S = 31_536_000
PATIENCE_S = 20
CONNECTIONS = 200
# What clients may claim under no circumstances: names by which proxies speak of addresses, hosts and paths.
DROPPED = (
    "Forwarded",
    "X-Forwarded-Host",
    "X-Forwarded-Port",
    "X-Forwarded-Prefix",
    "X-Forwarded-Server",
    "X-Real-IP",
    "X-Client-IP",
    "X-Cluster-Client-IP",
    "True-Client-IP",
    "CF-Connecting-IP",
    "CF-IPCountry",
    "Fastly-Client-IP",
    "X-Original-URL",
    "X-Rewrite-URL",
    "X-HTTP-Method-Override",
    "Proxy",
)


@dataclass(frozen=True)
class Site:
    """One server behind the gateway: its public host and port, the names it answers to, and its address inside."""

    public: str
    names: tuple[str, ...]
    upstream: str


def gateway_conf(
    listen: str,
    *,
    api: Site,
    airflow: Site | None,
    public: Identity,
    proxies: tuple[str, ...] = (),
    believed: tuple[str, ...] = (),
    inside: InsideTls | None = None,
    roles: Mapping[str, str] = {},
    hsts_s: int = YEAR_S,
    rate: float = 1,
    connections: int = CONNECTIONS,
    patience_s: int = PATIENCE_S,
    user: str = "",
    access_log: str = "/dev/stdout",
    workers: str = "auto",
    spans: str = "",
    span_share: float = 1,
) -> str:
    """The gateway role.

    `proxies` are addresses and networks of proxies before it: theirs is the client's address in X-Forwarded-For, and
    theirs are the headers named in `believed`; of everybody else these are dropped. `inside` is how it shows itself to
    the API. `roles` are roles of the API that run as services of their own, by name the address; all others are at
    the site's own. `rate` multiplies all rates of marquee/gateway/limits.py; `connections` is how many one network
    may have; `patience_s` how long it waits for the next bytes of who sends or reads slowly. `spans` is where
    `marquee metrics` hears of requests (UDP), and `span_share` the share of traces that are kept.
    """
    return render(
        "gateway.conf.j2",
        listen=listen,
        sites={"api": api, "airflow": airflow},
        public=public,
        proxies=proxies,
        believed=tuple(filter(None, believed)),
        dropped=DROPPED,
        inside=inside,
        roles=_role_paths(roles),
        separate=roles,
        hsts_s=hsts_s,
        classes=CLASSES,
        rate=rate,
        connections=connections,
        patience_s=patience_s,
        user=user,
        access_log=access_log,
        workers=workers,
        spans=spans,
        span_share=span_share,
        scripts=TEMPLATES,
        modules=lua_modules(),
    )


def _role_paths(upstreams: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """Role, its paths and its address, in the order in which paths are looked at. Raises InvalidInput."""
    if unknown := set(upstreams) - set(PATHS):
        raise InvalidInput("no such role", where="roles", expected=", ".join(PATHS), got=", ".join(sorted(unknown)))
    rest = [(REST, "^/", upstreams[REST])] if REST in upstreams else []
    return [(role, paths, upstreams.get(role, "")) for role, paths in PATHS.items()] + rest


def is_local(names: Iterable[str]) -> bool:
    """Whether all names are this machine's alone (RFC 6761 §6.3).

    HSTS would close every other port of such a name to plain HTTP, so it is for public names.
    """
    return all(name == "localhost" or name.endswith(".localhost") or name.startswith("127.") for name in names)
