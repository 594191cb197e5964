"""The services of the file, started in the order of what they depend on and stopped in the opposite one."""

import fcntl
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.compose import bundle, container, network
from bench.compose.bundle import Home
from bench.compose.container import Container
from bench.compose.file import order
from bench.compose.images import image_for
from bench.compose.network import Places

Say = Callable[[str], None]
PROGRAMS = {"runc": "runc", "tini": "tini", "dnsmasq": "dnsmasq-base", "ip": "iproute2"}  # with their packages


@dataclass(frozen=True)
class Line:
    """What became of a service. A job has no time in which the file wants it to be done: there `allowed_s` is 0."""

    name: str
    user: int = 0
    seconds: float = 0
    allowed_s: float = 0
    restarts: int = 0
    fault: str = ""


@dataclass
class Project:
    """`containers` are those that were started, in that order."""

    home: Home
    services: Mapping[str, Any]
    places: Places
    patience: float
    containers: dict[str, Container] = field(default_factory=dict)

    def address(self, service: str, of: str = "inside") -> str:
        """Where this machine reaches a service."""
        return next(str(place.address.ip) for place in self.places[service] if place.network == of)

    def up(self, say: Say) -> list[Line]:
        """Start all, each once what it depends on is healthy; one that is not takes those with it that need it."""
        lines: list[Line] = []
        lost: set[str] = set()
        for name in order(self.services):
            lacking = lost & set(self.services[name].get("depends_on", {}))
            line = Line(name, fault=f"needs {', '.join(lacking)}") if lacking else self._start(name)
            lost |= {name} if line.fault else set()
            lines.append(line)
            say(told(line))
        return lines

    def down(self, say: Say) -> list[str]:
        """Stop all in the opposite order; the names of those that had to be killed."""
        killed = []
        for name, each in reversed(self.containers.items()):
            if each.is_job:
                continue
            seconds, was_killed = each.stop()
            killed += [name] if was_killed else []
            say(f"{name:<22} stopped after {seconds:5.1f} s{'  KILLED' if was_killed else ''}")
        return killed

    def _start(self, name: str) -> Line:
        service = self.services[name]
        image = image_for(service)
        made = Container(name, service, bundle.write(self.home, name, service, image))
        self.containers[name] = made
        made.start()
        try:
            seconds, fault = made.settle(self.patience), ""
        except RuntimeError as error:
            seconds, fault = 0.0, str(error)
        return Line(name, image.user, seconds, 0 if made.is_job else made.allowed_s, made.restarts, fault)


def told(line: Line) -> str:
    """A line for people."""
    if line.fault:
        return f"{line.name:<22} NOT STARTED: {line.fault}"
    late = "  LATER than the file allows" if line.seconds > line.allowed_s else ""
    again = f"  started {line.restarts + 1} times" if line.restarts else ""
    return (
        f"{line.name:<22} healthy after {line.seconds:5.1f} s of {line.allowed_s:4.0f}  user {line.user}{again}{late}"
    )


def missing() -> list[str]:
    """The packages that this machine lacks."""
    return [package for program, package in PROGRAMS.items() if not shutil.which(program)]


@contextmanager
def running(
    compose: Mapping[str, Any], services: Mapping[str, Any], folder: Path, *, patience: float = 1
) -> Iterator[Project]:
    """Networks and folders for these services; whatever runs is ended when the block ends."""
    with ExitStack() as stack:
        _alone(stack)
        container.remove_all()
        found = network.places(compose, services)
        stack.enter_context(network.joined(found))
        stack.callback(container.remove_all)
        names = folder / "hosts"
        names.write_text(network.hosts(found))
        for name in services:
            if network.RESOLVER in " ".join(services[name]["command"]):
                stack.enter_context(network.resolving(name, names))
        configs = {name: config["content"] for name, config in compose["configs"].items()}
        yield Project(Home(folder, names.read_text(), configs), services, found, patience)


def _alone(stack: ExitStack) -> None:
    """Addresses and names are the file's own: only one run at a time; wait for the one before."""
    lock = stack.enter_context(container.STATE.with_suffix(".lock").open("w"))
    fcntl.flock(lock, fcntl.LOCK_EX)
