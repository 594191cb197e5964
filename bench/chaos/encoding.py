"""Carries a film from its delivery to viewers while regions are lost: again after each failure, as Airflow would."""

import subprocess
import threading
import time
from pathlib import Path

from bench.chaos.platform import Platform
from bench.playback.platform import a_film

SLUG, FILM_S, PAUSE_S = "carried", 20.0, 3.0


class Encoding:
    """In a thread of its own. `attempts` is how often it was begun, `published` whether it came to its end."""

    def __init__(self, platform: Platform, region: str) -> None:
        self._platform, self._region = platform, region
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._carry, daemon=True)
        self._process: subprocess.Popen[str] | None = None
        self.attempts, self.published, self.seconds = 0, False, 0.0

    def start(self) -> None:
        self._thread.start()

    def finish(self, seconds: float) -> None:
        """Wait for its end, at most so long; then nothing of it is left."""
        self._thread.join(seconds)
        self._over.set()
        if self._process is not None:
            self._process.terminate()
        self._thread.join()

    def _carry(self) -> None:
        started = time.monotonic()
        film = a_film(Path(self._platform.home) / "film.mp4", "320x180", FILM_S)
        self._run("deliver", str(film), "--title", "Carried", "--slug", SLUG)
        while not self._over.is_set() and not self.published:
            self.attempts += 1
            self.published = self._run("run", SLUG, "--ladder", "preview", "--scheme", "cbcs")
            self.seconds = time.monotonic() - started
            if not self.published:
                self._over.wait(PAUSE_S)

    def _run(self, *words: str) -> bool:
        """Whether a command came to its end."""
        self._process = self._platform.command(self._region, *words)
        self._process.communicate()
        return self._process.returncode == 0
