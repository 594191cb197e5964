"""The settings of the process: read once, and anew after they were cleared."""

from threading import Event, Thread

import pytest

import marquee.settings
from marquee.settings import Settings, settings


def test_what_another_thread_has_begun_to_read_is_not_kept(catalogue: None, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, cleared = Event(), Event()

    def slow() -> Settings:
        read = Settings()
        begun.set()
        cleared.wait(0.2)
        return read

    settings.cache_clear()
    with monkeypatch.context() as other:
        other.setattr(marquee.settings, "Settings", slow)
        reader = Thread(target=settings)
        reader.start()
        assert begun.wait(20)
        monkeypatch.setenv("MARQUEE_PORT_SMTP", "2525")
        settings.cache_clear()
        cleared.set()
        reader.join()
    assert settings().port_smtp == 2525


def test_the_settings_are_read_once(catalogue: None, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = settings()
    monkeypatch.setenv("MARQUEE_PORT_SMTP", "2525")
    assert settings() is kept
