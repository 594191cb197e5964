"""A mail server that delivers nothing: it keeps messages in MARQUEE_HOME/mail, where the demo shows them.

`python -m marquee.embedded.mail_catcher FOLDER PORT`, on the loopback address only.
"""

import asyncio
import contextlib
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from aiosmtpd.controller import UnthreadedController
from aiosmtpd.smtp import SMTP, Envelope, Session

from marquee.storage import replacing

KEPT = 500
LARGEST = 1024 * 1024  # bytes


class Keeper:
    """Writes each message to a file of its own; the oldest go when there are too many. `kept` is called after each."""

    def __init__(self, folder: Path, kept: Callable[[], None]) -> None:
        self._folder, self._kept = folder, kept

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 (aiosmtpd's)
        """Keep a message; it appears whole."""
        content = envelope.original_content or b""
        with replacing(self._folder / f"{time.time_ns():020d}.eml") as file:
            file.write_bytes(content)
        for old in sorted(self._folder.glob("*.eml"))[:-KEPT]:
            old.unlink(missing_ok=True)
        self._kept()
        return "250 kept"


def controller(
    folder: Path, port: int, loop: asyncio.AbstractEventLoop, kept: Callable[[], None] = lambda: None
) -> Any:  # aiosmtpd's, which has no types
    """A server for the loop, not started yet: `begin` and `end` are its methods."""
    return UnthreadedController(Keeper(folder, kept), "127.0.0.1", port, loop=loop, data_size_limit=LARGEST)


def main(folder: Path, port: int) -> None:
    """Serve until a signal comes."""
    loop = asyncio.new_event_loop()
    catcher = controller(folder, port, loop)
    catcher.begin()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, loop.stop)
    with contextlib.closing(loop):
        loop.run_forever()
        catcher.end()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
