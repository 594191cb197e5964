"""Whether an address has an account cannot be told by how long an answer takes."""

import statistics
import time
from collections.abc import Callable

import pytest

from marquee.contracts.members import Caller, Role
from marquee.members import staff
from marquee.members.errors import WrongCredentials
from marquee.members.sign_in.log_in import log_in

ADA, PASSWORD = "ada@example.org", "lantern over quiet water"
SAMPLES = 260  # of each: 520 log-ins


def seconds(action: Callable[[], None]) -> float:
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


@pytest.mark.slow
def test_known_and_unknown_addresses_take_as_long(catalogue: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The use case alone, before the API brings its answers to even steps; taken in turn, so that noise hits both.

    The medians differ by less than a tenth: a log-in that hashed nothing for an unknown address would take a tenth.
    """
    staff.create(ADA, PASSWORD, Role.MEMBER, by="test")
    monkeypatch.setattr("marquee.members.back_off.check", lambda *_: None)

    def attempt(address: str, n: int) -> None:
        with pytest.raises(WrongCredentials):
            log_in(address, "seven kites above osaka", None, Caller(f"192.0.2.{n % 250}"))

    known, unknown = [], []
    for n in range(SAMPLES):
        known.append(seconds(lambda n=n: attempt(ADA, n)))  # type: ignore[misc]
        unknown.append(seconds(lambda n=n: attempt("eve@example.org", n)))  # type: ignore[misc]
    assert statistics.median(unknown) / statistics.median(known) == pytest.approx(1, abs=0.1)
