"""Free ports: checks those of the settings, and finds others for tests and benches."""

import errno
import random
import socket
from collections.abc import Iterable

from marquee.contracts.errors import Conflict
from marquee.embedded.processes import holder
from marquee.embedded.services import Service
from marquee.settings import Settings

# Below the range from which Linux takes the ports of outgoing connections (32768 to 60999, ip_local_port_range): a port
# found free here is not taken by a connection before its server starts.
CANDIDATES = range(20000, 32768)


def free(count: int) -> list[int]:
    """Different TCP ports on which nothing listens on the loopback address, picked at random.

    Two processes that ask at the same moment get the same port about once in 10,000 times. Raises Conflict when fewer
    than `count` are free.
    """
    shuffled = random.sample(CANDIDATES, len(CANDIDATES))
    found = [port for port, _ in zip((p for p in shuffled if _bindable("127.0.0.1", p)), range(count), strict=False)]
    if len(found) < count:
        raise Conflict(f"only {len(found)} are free", where="ports", expected=f"{count} free ports")
    return found


def free_for_settings() -> dict[str, object]:
    """A free port for every setting that names one, for `Settings(**...)`: `{"port_api": 20481, ..., "edges": ...}`."""
    names = [name for name in Settings.model_fields if name.startswith("port_")]
    edges = list(Settings.model_fields["edges"].default)
    ports = free(len(names) + len(edges))
    return {**dict(zip(names, ports, strict=False)), "edges": _at(edges, ports[len(names) :])}


def _at(edges: Iterable[str], ports: Iterable[int]) -> dict[str, dict[str, int]]:
    return {name: {"port": port} for name, port in zip(edges, ports, strict=True)}


def require_free(services: Iterable[Service]) -> None:
    """Raises Conflict naming every taken port, who holds it, and the setting that moves ours."""
    taken = [_complaint(service) for service in services if service.port and not _free(service)]
    if taken:
        raise Conflict("; ".join(taken), where="ports", expected="free ports")


def _free(service: Service) -> bool:
    return all(_bindable(address, service.port) for address in service.addresses)


def _bindable(address: str, port: int) -> bool:
    with socket.socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind((address, port))
        except OSError as error:
            return error.errno not in (errno.EADDRINUSE, errno.EACCES)
    return True


def _complaint(service: Service) -> str:
    who = holder(service.port) or "a process that cannot be seen from here"
    return f"{service.name} needs port {service.port}, held by {who}: end it or set {service.setting}"
