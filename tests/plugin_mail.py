"""A real mail server for the tests: what is sent to it can be read."""

import asyncio
import email
import email.policy
import re
import threading
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from marquee.embedded.mail_catcher import controller
from marquee.embedded.ports import free
from marquee.settings import settings


class Mailbox:
    """All messages, oldest first. `to` waits for one; what was taken does not come again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._taken: set[Path] = set()
        self._arrived = threading.Condition()

    def arrived(self) -> None:
        """Another message is there."""
        with self._arrived:
            self._arrived.notify_all()

    def to(self, address: str, subject: str = "", seconds: float = 20) -> EmailMessage:
        """The next message to an address, with those words in its subject."""
        with self._arrived:
            found = self._arrived.wait_for(lambda: self._next(address, subject), seconds)
        assert found is not None, f"no message {subject!r} to {address} within {seconds} s"
        return found

    def _next(self, address: str, subject: str) -> EmailMessage | None:
        for path in sorted(set(self.folder.glob("*.eml")) - self._taken):
            message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            if message["to"] == address and subject in message["subject"]:
                self._taken.add(path)
                assert isinstance(message, EmailMessage)
                return message
        return None

    def token(self, address: str, subject: str = "") -> str:
        """The token of the link in the next such message."""
        found = re.search(r"https?://\S+#(\S+)", text_of(self.to(address, subject)))
        assert found
        return found[1]


def text_of(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


@pytest.fixture
def mailbox(catalogue: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mailbox]:
    """The embedded catcher, in a thread; the settings name it."""
    port = free(1)[0]
    monkeypatch.setenv("MARQUEE_PORT_SMTP", str(port))
    settings.cache_clear()
    folder = settings().home / "mail"
    loop = asyncio.new_event_loop()
    box, started = Mailbox(folder), threading.Event()
    catcher = controller(folder, port, loop, box.arrived)

    def serve() -> None:
        catcher.begin()
        loop.call_soon(started.set)
        loop.run_forever()
        catcher.end()
        loop.close()

    thread = threading.Thread(target=serve)
    thread.start()
    assert started.wait(20)
    yield box
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
