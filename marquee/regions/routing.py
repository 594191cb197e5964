"""Tells this region's name server where viewers are to be sent: `marquee region dns-update`.

Each region has a name server and asks all regions itself how they are, so none depends on another's judgement.
"""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address

import dns.exception
import dns.query
import dns.rcode
import dns.tsig
import dns.update
import httpx

from marquee.content.edge.health import Health
from marquee.contracts.errors import Unavailable
from marquee.logs import log
from marquee.regions.name_server import TTL_S, addresses_of, kind, require_name_server, views_of
from marquee.settings import Settings
from marquee.settings.regions import Region

PROBE_S, PROBE_TIMEOUT_S, ANSWER_S = 2.0, 1.0, 5.0  # with two probes in a row and the TTL: 26 s to be out of DNS
Probe = Callable[[str], bool]


def answers(url: str) -> bool:
    """Whether an address answers with success; a region without one counts as well."""
    try:
        return not url or httpx.get(url, timeout=PROBE_TIMEOUT_S, trust_env=False).is_success
    except httpx.HTTPError:
        return False


@dataclass(frozen=True)
class NameServer:
    """The server of this region, and what signs what it is told."""

    address: IPv4Address | IPv6Address
    port: int
    zone: str
    secret: str

    def tell(self, view: str, addresses: list[str]) -> None:
        """Have a view answer these addresses. Raises Unavailable where the server is away or refuses."""
        key = dns.tsig.Key(view, self.secret, algorithm=dns.tsig.HMAC_SHA256)
        update = dns.update.UpdateMessage(self.zone, keyring=key)
        for type_ in ("A", "AAAA"):
            update.delete("@", type_)
        for address in addresses:
            update.add("@", TTL_S, kind(address), address)
        where = f"{self.address}:{self.port}"
        try:
            code = dns.query.tcp(update, str(self.address), timeout=ANSWER_S, port=self.port).rcode()
        except (OSError, dns.exception.DNSException) as error:
            raise Unavailable("the name server does not answer", where=where, got=type(error).__name__) from error
        if code != dns.rcode.NOERROR:
            raise Unavailable("the name server refuses", where=where, got=dns.rcode.to_text(code))


@dataclass
class Router:
    """Keeps a name server's answers as the regions are."""

    regions: Mapping[str, Region]
    server: NameServer
    probe: Probe = answers
    _told: dict[str, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._health = Health(self.regions)

    def step(self) -> bool:
        """Ask all regions once, and tell the server what has changed; whether there was anything.

        Raises Unavailable where the server cannot be told; it is told again at the next step.
        """
        with ThreadPoolExecutor(max_workers=max(1, len(self.regions))) as pool:
            found = list(pool.map(lambda region: self.probe(region.health), self.regions.values()))
        self._health.probed({name: 0 if well else None for name, well in zip(self.regions, found, strict=True)})
        well = frozenset(name for name in self.regions if self._health.conditions[name].up)
        wanted = {view: addresses_of(self.regions, preferred=view, well=well) for view in views_of(self.regions)}
        changed = {view: addresses for view, addresses in wanted.items() if self._told.get(view) != addresses}
        for view, addresses in changed.items():
            self.server.tell(view, addresses)
            self._told[view] = addresses
            log.info("dns", view=view, addresses=addresses)
        return bool(changed)


def name_server_of(s: Settings) -> NameServer:
    """This region's. Raises InvalidInput where the settings lack what it takes."""
    require_name_server(s.regions, s.dns_key, s.region)
    address = s.regions[s.region].name_server
    assert address is not None  # noqa: S101 (it was just looked at)
    return NameServer(address, s.dns_port, s.dns_zone, s.dns_key.get_secret_value())
