"""Configuration of a region's name server (BIND 9.18): a view of the zone for each region, and one for everybody else.

A view is chosen by the address of the resolver that asks. Updates of a view are signed with the key of its name (RFC
8945), so what is answered is changed while it runs (RFC 2136), and no file is written that the server also writes.
"""

from collections.abc import Mapping
from pathlib import Path

from pydantic import SecretStr

from marquee.contracts.errors import InvalidInput
from marquee.settings.regions import Region
from marquee.storage import replacing

ANYWHERE = "anywhere"  # no region has this name that is in use as a view
TTL_S = 20  # at most 30: so long a resolver may send viewers to a region that is lost
CONF = "named.conf"
HEAD = """\
// Written by `marquee region dns`; read by BIND.
options {{
    directory "{folder}";
    pid-file none;
    session-keyfile none;
    listen-on port {port} {{ {listen}; }};
    listen-on-v6 {{ none; }};
    recursion no;
    allow-transfer {{ none; }};
    notify no;
    minimal-responses yes;
    version none;
    rate-limit {{ responses-per-second 50; }};
}};
controls {{ }};
"""
KEY = 'key "{view}" {{ algorithm hmac-sha256; secret "{secret}"; }};\n'
VIEW = """\
view "{view}" {{
    match-clients {{ {clients} }};
    zone "{zone}" {{
        type primary;
        file "{view}.zone";
        update-policy {{ grant {view} name {zone} A AAAA; }};
    }};
}};
"""
ZONE = """\
$TTL {ttl}
@ SOA {server} hostmaster 1 3600 600 604800 {ttl}
"""


def write(folder: Path, regions: Mapping[str, Region], zone: str, key: SecretStr, *, name: str, port: int) -> Path:
    """Write the configuration of region `name`'s server, and the zones that are missing: those there are the server's.

    Raises InvalidInput where the settings lack what it takes. Returns the configuration's path.
    """
    require_name_server(regions, key, name)
    folder.mkdir(parents=True, exist_ok=True)
    views = views_of(regions)
    for view in views:
        path = folder / f"{view}.zone"
        if not path.exists():
            path.write_text(zone_file(regions, addresses_of(regions, preferred=view)))
    listen = str(regions[name].name_server)
    with replacing(folder / CONF) as temporary:
        temporary.touch(mode=0o640)
        temporary.write_text(_conf(folder.resolve(), regions, zone, key.get_secret_value(), listen, port))
    return folder / CONF


def views_of(regions: Mapping[str, Region]) -> list[str]:
    """The names of all views."""
    return [*(name for name, region in regions.items() if region.networks), ANYWHERE]


def addresses_of(regions: Mapping[str, Region], *, preferred: str, well: frozenset[str] | None = None) -> list[str]:
    """What a view answers: its own region's addresses, or when that is not well those of all that are.

    Where none is well, all are answered: then it is we who see badly.
    """
    good = [name for name in regions if well is None or name in well] or list(regions)
    chosen = [preferred] if preferred in good else good
    return [str(address) for name in chosen for address in regions[name].addresses]


def zone_file(regions: Mapping[str, Region], addresses: list[str]) -> str:
    """The zone as it is before anybody knows who is well."""
    servers = {name: region.name_server for name, region in regions.items() if region.name_server}
    lines = [ZONE.format(ttl=TTL_S, server=f"ns-{_label(next(iter(servers)))}")]
    for name, address in servers.items():
        lines += [f"@ NS ns-{_label(name)}\n", f"ns-{_label(name)} {kind(str(address))} {address}\n"]
    lines += [f"@ {kind(address)} {address}\n" for address in addresses]
    return "".join(lines)


def kind(address: str) -> str:
    """The type of the record for an address."""
    return "AAAA" if ":" in address else "A"


def require_name_server(regions: Mapping[str, Region], key: SecretStr, name: str) -> None:
    """Raises InvalidInput where the settings lack what the name server of a region takes."""
    if not key.get_secret_value():
        raise InvalidInput("no key", where="MARQUEE_DNS_KEY", expected="32 random bytes in base64")
    if regions[name].name_server is None:
        raise InvalidInput("has no name_server", where=f"MARQUEE_REGIONS: {name}", expected="its address")
    for each, region in regions.items():
        if not region.addresses:
            raise InvalidInput("has no addresses", where=f"MARQUEE_REGIONS: {each}", expected="those of its gateway")


def _conf(folder: Path, regions: Mapping[str, Region], zone: str, secret: str, listen: str, port: int) -> str:
    views = views_of(regions)
    keys = [KEY.format(view=view, secret=secret) for view in views]
    shown = [VIEW.format(view=view, zone=zone, clients=_clients(view, views, regions)) for view in views]
    return "".join([HEAD.format(folder=folder, port=port, listen=listen), *keys, *shown])


def _clients(view: str, views: list[str], regions: Mapping[str, Region]) -> str:
    """Who sees the view: whoever signs with its key, nobody who signs with another's, and then by place."""
    others = [f'!key "{other}";' for other in views if other != view]
    places = ["any"] if view == ANYWHERE else [str(network) for network in regions[view].networks]
    return " ".join([f'key "{view}";', *others, *(f"{place};" for place in places)])


def _label(region: str) -> str:
    return region.replace("_", "-")
