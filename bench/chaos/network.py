"""Places of their own on one machine: network namespaces on one bridge, with delay and loss between them (tc netem)."""

import os
import subprocess
from collections.abc import Sequence
from types import TracebackType

OUTSIDE = "outside"  # where viewers and operators are
SUBNET = "10.77"


class Network:
    """A namespace per place; names have the process's number, so that two benches do not meet. Needs root."""

    def __init__(self, places: Sequence[str], *, delay_ms: float, loss_percent: float, number: int = 0) -> None:
        self.places = [*places, OUTSIDE]
        self._shape = ["netem", "delay", f"{delay_ms}ms", f"{delay_ms / 5}ms", "loss", f"{loss_percent}%"]
        self.number = number or os.getpid()
        self._core = f"mq{self.number}-core"

    def __enter__(self) -> "Network":
        _ip("netns", "add", self._core)
        _ip("-n", self._core, "link", "add", "bridge", "type", "bridge")
        _ip("-n", self._core, "link", "set", "bridge", "up")
        for place in self.places:
            self._add(place)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for name in (*map(self.namespace, self.places), self._core):
            subprocess.run(["ip", "netns", "delete", name], check=False)

    def namespace(self, place: str) -> str:
        return f"mq{self.number}-{place}"

    def address(self, place: str) -> str:
        return f"{SUBNET}.0.{self.places.index(place) + 1}"

    def inside(self, place: str, argv: Sequence[str]) -> list[str]:
        """A command that runs in a place."""
        return ["ip", "netns", "exec", self.namespace(place), *argv]

    def cut(self, place: str) -> None:
        """Nothing goes in or out any more; nobody is told."""
        _ip("-n", self._core, "link", "set", self._port(place), "down")

    def heal(self, place: str) -> None:
        _ip("-n", self._core, "link", "set", self._port(place), "up")

    def _add(self, place: str) -> None:
        name, port = self.namespace(place), self._port(place)
        _ip("netns", "add", name)
        _ip("link", "add", port, "netns", self._core, "type", "veth", "peer", "name", "uplink", "netns", name)
        _ip("-n", self._core, "link", "set", port, "master", "bridge", "up")
        _ip("-n", name, "address", "add", f"{self.address(place)}/16", "dev", "uplink")
        for link in ("lo", "uplink"):
            _ip("-n", name, "link", "set", link, "up")
        for at, link in ((name, "uplink"), (self._core, port)):
            subprocess.run(["tc", "-n", at, "qdisc", "add", "dev", link, "root", *self._shape], check=True)

    def _port(self, place: str) -> str:
        return f"to-{place}"


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True)
