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


def free_for_settings() -> dict[str, int]:
    """A free port for every setting that names one: `{"port_api": 20481, ...}`, for `Settings(**...)`."""
    names = [name for name in Settings.model_fields if name.startswith("port_")]
    return dict(zip(names, free(len(names)), strict=True))


def require_free(s: Settings, services: Iterable[Service]) -> None:
    """Raises Conflict naming every taken port, who holds it, and the setting that moves ours."""
    taken = [_complaint(s, service) for service in services if service.port and not _free(s, service)]
    if taken:
        raise Conflict("; ".join(taken), where="ports", expected="free ports")


def _free(s: Settings, service: Service) -> bool:
    return all(_bindable(address, getattr(s, service.port)) for address in service.addresses)


def _bindable(address: str, port: int) -> bool:
    with socket.socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind((address, port))
        except OSError as error:
            return error.errno not in (errno.EADDRINUSE, errno.EACCES)
    return True


def _complaint(s: Settings, service: Service) -> str:
    port = getattr(s, service.port)
    who = holder(port) or "a process that cannot be seen from here"
    return f"{service.name} needs port {port}, held by {who}: end it or set MARQUEE_{service.port.upper()}"
