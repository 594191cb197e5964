"""HTTP servers of tests: threads of this process on ports of 127.0.0.1."""

import threading
from http.server import ThreadingHTTPServer
from typing import Any

LOOK_S = 0.01  # how often a server looks whether it was stopped; each test would wait for the library's own 0.5 s


class HttpServer(ThreadingHTTPServer):
    """A server that answers with a handler class until it is stopped; a client that went away is no news."""

    daemon_threads = True

    def __init__(self, handler: Any, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), handler)

    def start(self) -> "HttpServer":
        threading.Thread(target=self.serve_forever, args=(LOOK_S,), daemon=True).start()
        return self

    def stop(self) -> None:
        self.shutdown()
        self.server_close()

    def handle_error(self, *_: object) -> None:
        return
