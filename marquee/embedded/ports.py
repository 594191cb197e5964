"""Are the ports free? Asked before anything starts, so that the answer names the setting to change."""

import errno
import socket
from collections.abc import Iterable

from marquee.contracts.errors import Conflict
from marquee.embedded.processes import holder
from marquee.embedded.services import Service
from marquee.settings import Settings


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
