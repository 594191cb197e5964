"""A process ends in good order: on SIGTERM it first tells that it is not ready, serves on for a while, and then closes.

Balancers meanwhile see the answer of /readyz and send nobody any more. Once the server closes, requests that have begun
are finished; the work beside requests and the event log end after them (api/main.py).
"""

import asyncio
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from marquee.logs import log

Handler = Callable[[int, FrameType | None], object]


class Draining:
    """Whether this process is about to end; from the signal until it closes `seconds` go by."""

    def __init__(self, seconds: float) -> None:
        self.begun = False
        self._seconds = seconds

    @contextmanager
    def on_sigterm(self) -> Iterator[None]:
        """Come before the server's own handler of SIGTERM while the block lasts.

        A second signal does not wait. Only a process's main thread hears signals: elsewhere nothing is done.
        """
        close = signal.getsignal(signal.SIGTERM)
        if threading.current_thread() is not threading.main_thread() or not callable(close):
            yield
            return
        signal.signal(signal.SIGTERM, self._handler(asyncio.get_running_loop(), close))
        try:
            yield
        finally:
            signal.signal(signal.SIGTERM, close)

    def _handler(self, loop: asyncio.AbstractEventLoop, close: Handler) -> Handler:
        def begin(number: int, frame: FrameType | None) -> None:
            at_once = self.begun or not self._seconds
            self.begun = True
            if at_once:
                close(number, frame)
            else:
                loop.call_soon_threadsafe(self._serve_on, loop, lambda: close(number, None))

        return begin

    def _serve_on(self, loop: asyncio.AbstractEventLoop, close: Callable[[], object]) -> None:
        log.info("draining", seconds=self._seconds)
        loop.call_later(self._seconds, close)
