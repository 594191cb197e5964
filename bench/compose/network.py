"""Networks as Docker makes them: a bridge for each, a network namespace for each service, names by a hosts file."""

import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Interface, ip_network
from pathlib import Path
from typing import Any

PREFIX = "mqc-"  # of namespaces and bridges; names of interfaces have at most 15 characters
OTHERS = ip_network("172.30.96.0/19").subnets(new_prefix=24)  # for networks whose addresses the file leaves open
RESOLVER = "127.0.0.11"  # Docker's own


@dataclass(frozen=True)
class Place:
    """A service's address in a network."""

    network: str
    address: IPv4Interface


Places = Mapping[str, tuple[Place, ...]]


def places(compose: Mapping[str, Any], services: Mapping[str, Any]) -> dict[str, tuple[Place, ...]]:
    """An address in each of its networks for every service; the file's own where it gives one."""
    free = {name: _addresses(network) for name, network in compose["networks"].items()}
    found: dict[str, tuple[Place, ...]] = {}
    for name, service in services.items():
        wanted = service["networks"]
        fixed = wanted if isinstance(wanted, dict) else dict.fromkeys(wanted)
        found[name] = tuple(Place(network, _address(free[network], said)) for network, said in fixed.items())
    return found


def hosts(found: Places) -> str:
    """The hosts file of all: a service's name leads to its first network, which every service is in."""
    lines = [f"{where[0].address.ip} {name}" for name, where in found.items()]
    return "\n".join(["127.0.0.1 localhost", *lines, ""])


def namespace(service: str) -> str:
    return f"{PREFIX}{service}"


@contextmanager
def joined(found: Places) -> Iterator[None]:
    """Bridges and namespaces are there while the block lasts; those of a run that was killed are taken away first."""
    remove()
    try:
        for network in {place.network: place for where in found.values() for place in where}.values():
            _bridge(network)
        for number, (service, where) in enumerate(found.items()):
            _join(service, number, where)
        yield
    finally:
        remove()


def remove() -> None:
    """Take away whatever has our prefix."""
    for line in _ip("netns", "list").splitlines():
        if line.startswith(PREFIX):
            _ip("netns", "delete", line.split()[0])
    for kind in ("veth", "bridge"):  # a process that lives keeps a namespace whose name is gone
        for line in _ip("-brief", "link", "show", "type", kind).splitlines():
            if line.startswith(PREFIX):
                _ip("link", "delete", line.split()[0].partition("@")[0], check=False)  # it may go by itself meanwhile


@contextmanager
def resolving(service: str, names: Path) -> Iterator[None]:
    """A DNS server where Docker has its own, for who asks it by name."""
    listens = [
        f"--listen-address={RESOLVER}",
        "--bind-interfaces",
        "--no-resolv",
        "--no-hosts",
        "--local=/#/",  # it knows all there is: no address of the sixth version is an answer, and no refusal
        f"--addn-hosts={names}",
    ]
    within = ["/usr/sbin/ip", "netns", "exec", namespace(service), "setpriv", "--pdeathsig", "TERM"]
    argv = ["dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--user=root", *listens]
    server = subprocess.Popen([*within, *argv])
    try:
        yield
    finally:
        server.terminate()
        server.wait(10)


def _bridge(first: Place) -> None:
    name = f"{PREFIX}{first.network}"[:15]
    network = first.address.network
    _ip("link", "add", name, "type", "bridge")
    _ip("address", "add", f"{network.network_address + 1}/{network.prefixlen}", "dev", name)
    _ip("link", "set", name, "up")


def _join(service: str, number: int, where: tuple[Place, ...]) -> None:
    space = namespace(service)
    _ip("netns", "add", space)
    _ip("-netns", space, "link", "set", "lo", "up")
    for order, place in enumerate(where):
        outer, inner = f"{PREFIX}{number}-{order}", f"eth{order}"
        _ip("link", "add", outer, "type", "veth", "peer", "name", inner, "netns", space)
        _ip("link", "set", outer, "master", f"{PREFIX}{place.network}"[:15], "up")
        _ip("-netns", space, "address", "add", str(place.address), "dev", inner)
        _ip("-netns", space, "link", "set", inner, "up")


def _addresses(network: Mapping[str, Any] | None) -> Iterator[IPv4Interface]:
    """Those that are given out, beginning after the bridge's own."""
    (given,) = ((network or {}).get("ipam") or {"config": [{"subnet": str(next(OTHERS))}]})["config"]
    subnet = ip_network(given["subnet"])
    among = ip_network(given.get("ip_range", given["subnet"]))
    return (IPv4Interface(f"{ip}/{subnet.prefixlen}") for ip in among if ip > subnet.network_address + 1)


def _address(free: Iterator[IPv4Interface], said: Mapping[str, str] | None) -> IPv4Interface:
    given = next(free)
    fixed = (said or {}).get("ipv4_address")
    return IPv4Interface(f"{IPv4Address(fixed)}/{given.network.prefixlen}") if fixed else given


def _ip(*words: str, check: bool = True) -> str:
    return subprocess.run(["/usr/sbin/ip", *words], check=check, capture_output=True, text=True).stdout
