"""Places of their own on one machine: a network namespace each, and a router with delay and loss between them.

The router is a thread of ours that holds a TUN device of each place, because tc's netem is not in every kernel. A
packet takes the delay of both places' links and is lost on either with a probability; of a place that is cut off
nothing comes and nothing goes, and nobody is told.
"""

import fcntl
import heapq
import os
import random
import select
import struct
import subprocess
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import mkdtemp
from types import TracebackType

OUTSIDE = "outside"  # where viewers and operators are
SUBNET, MTU = "10.77.0", 65_000  # large packets: this router takes a tenth of a millisecond for each
IP = "/sbin/ip"  # of the package iproute2
TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 0x0001, 0x1000  # linux/if_tun.h
DESTINATION = slice(16, 20)  # of an IPv4 header (RFC 791)
LOOK_S = 0.1  # how often it is looked whether a place was cut off


class Network:
    """A namespace per place. Names have the process's number, so that two benches do not meet. Needs root.

    `control` is the folder with a file for each place that is cut off, so that another process may cut it.
    """

    def __init__(self, places: Sequence[str], *, number: int = 0, control: str = "") -> None:
        self.places = [*places, OUTSIDE]
        self.number, self.control = number or os.getpid(), Path(control or mkdtemp(prefix="marquee-network-"))

    def namespace(self, place: str) -> str:
        return f"mq{self.number}-{place}"

    def address(self, place: str) -> str:
        return f"{SUBNET}.{self.places.index(place) + 1}"

    def inside(self, place: str, argv: Sequence[str]) -> list[str]:
        """A command that runs in a place."""
        return [IP, "netns", "exec", self.namespace(place), *argv]

    def cut(self, place: str) -> None:
        (self.control / place).touch()
        time.sleep(2 * LOOK_S)

    def heal(self, place: str) -> None:
        (self.control / place).unlink()


class Router:
    """Makes the namespaces, and carries packets between them while the block lasts."""

    def __init__(self, network: Network, *, delay_ms: float, loss_percent: float) -> None:
        self._network, self._delay_s, self._loss = network, 2 * delay_ms / 1000, 2 * loss_percent / 100
        self._devices: dict[bytes, int] = {}  # by address
        self._waiting: list[tuple[float, int, bytes, bytes]] = []  # due, number, destination, packet
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._carry, daemon=True)

    def __enter__(self) -> "Router":
        for place in self._network.places:
            self._add(place)
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._over.set()
        if self._thread.is_alive():
            self._thread.join()
        for device in self._devices.values():
            os.close(device)
        for place in self._network.places:
            subprocess.run([IP, "netns", "delete", self._network.namespace(place)], check=False)
            (self._network.control / place).unlink(missing_ok=True)
        self._network.control.rmdir()

    def _add(self, place: str) -> None:
        name, address = self._network.namespace(place), self._network.address(place)
        link = f"mq{self._network.number}{place[:4]}"[:15]
        _ip("netns", "add", name)
        device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
        fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH22x", link.encode(), IFF_TUN | IFF_NO_PI))
        self._devices[bytes(map(int, address.split(".")))] = device
        _ip("link", "set", link, "netns", name)
        _ip("-n", name, "link", "set", "lo", "up")
        _ip("-n", name, "address", "add", f"{address}/24", "dev", link)
        _ip("-n", name, "link", "set", link, "mtu", str(MTU), "up")

    def _carry(self) -> None:
        poll, numbers = select.epoll(), 0
        sources = {device: address for address, device in self._devices.items()}
        for device in sources:
            poll.register(device, select.EPOLLIN)
        cut, looked = frozenset[bytes](), 0.0
        while not self._over.is_set():
            wait_s = min(LOOK_S, max(0.0, self._waiting[0][0] - time.monotonic())) if self._waiting else LOOK_S
            ready = poll.poll(wait_s)
            now = time.monotonic()
            if now - looked > LOOK_S:
                cut, looked = self._cut(), now
            for device, _ in ready:
                for packet in _read(device):
                    numbers += 1
                    destination = packet[DESTINATION]
                    if destination in self._devices and sources[device] not in cut and random.random() >= self._loss:
                        heapq.heappush(self._waiting, (now + self._delay_s, numbers, destination, packet))
            while self._waiting and self._waiting[0][0] <= now:
                _, _, destination, packet = heapq.heappop(self._waiting)
                if destination not in cut:
                    _write(self._devices[destination], packet)

    def _cut(self) -> frozenset[bytes]:
        names = {path.name for path in self._network.control.iterdir()}
        addresses = (self._network.address(place) for place in self._network.places if place in names)
        return frozenset(bytes(map(int, address.split("."))) for address in addresses)


def _read(device: int) -> list[bytes]:
    """What has come, up to some packets."""
    found = []
    try:
        while len(found) < 64:
            found.append(os.read(device, MTU + 100))
    except BlockingIOError:
        pass
    return [packet for packet in found if packet[0] >> 4 == 4]  # IPv4


def _write(device: int, packet: bytes) -> None:
    try:
        os.write(device, packet)
    except OSError:
        return  # its queue is full, as a router's may be


def _ip(*words: str) -> None:
    subprocess.run([IP, *words], check=True)
