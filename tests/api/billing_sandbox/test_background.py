"""When the sandbox looks for something to do."""

import asyncio
from types import SimpleNamespace

import pytest

from api.billing_sandbox import background
from api.billing_sandbox.background import IDLE_S, STIRRED_S, Requests, Turns


def test_it_looks_at_every_turn_after_a_request_and_seldom_when_nobody_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr(background, "time", SimpleNamespace(monotonic=lambda: now))
    requests = Requests()
    turns = Turns(requests)

    def looks(seconds: int) -> int:
        nonlocal now
        count = 0
        for _ in range(2 * seconds):
            now += 0.5
            count += turns.due()
        return count

    def asked(path: str) -> None:
        asyncio.run(requests.note(SimpleNamespace(url=SimpleNamespace(path=path))))

    assert looks(60) == 60 / IDLE_S
    asked("/healthz")
    assert looks(60) == 60 / IDLE_S
    asked("/v1/subscriptions")
    assert turns.due()
    assert looks(29) == 2 * 29
    assert looks(60) < 2 * (60 - STIRRED_S)
