"""Whether an address has an account cannot be told by how long an answer takes."""

import base64
import statistics
import struct
import time
from collections.abc import Callable

import pytest

from marquee.contracts.members import Caller, Member, Role
from marquee.members import passkeys, staff
from marquee.members.accounts import address_changes, password_changes, registration
from marquee.members.errors import WrongCredentials, WrongPasskey
from marquee.members.sign_in.log_in import log_in

ADA, PASSWORD, OTHER = "ada@example.org", "lantern over quiet water", "seven kites above osaka"
SAMPLES = 260  # of each: 520 answers
Act = Callable[[str, Caller], None]  # what somebody does with an address, who does not own it


def attempt(address: str, caller: Caller) -> None:
    with pytest.raises(WrongCredentials):
        log_in(address, OTHER, None, caller)


def show_passkey(account_id: int, caller: Caller) -> None:
    """A passkey that nobody has, said to be of this account."""
    handle = base64.urlsafe_b64encode(struct.pack(">q", account_id)).decode()
    with pytest.raises(WrongPasskey):
        passkeys.log_in(passkeys.ask().challenge, {"id": "AAAA", "response": {"userHandle": handle}}, caller)


def acts(ada: int, eve: int) -> dict[str, Act]:
    """All that takes an address, or another name of an account."""
    return {
        "log-in": attempt,
        "sign-up": lambda address, caller: registration.register(address, OTHER, "en", caller),
        "forgotten password": lambda address, _: password_changes.ask_reset(address, "en"),
        "change of address": lambda address, caller: address_changes.ask(Member(eve, 0), address, PASSWORD, caller),
        "passkey": lambda address, caller: show_passkey(ada if address == ADA else 7, caller),
    }


@pytest.mark.slow
@pytest.mark.parametrize("name", acts(0, 0))
def test_known_and_unknown_addresses_take_as_long(catalogue: None, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """The use case alone, before the API brings its answers to even steps; taken in turn, so that noise hits both.

    The first deciles differ by less than a tenth: they are what answers cost, while medians hold what else the machine
    does. A log-in that hashed nothing for an unknown address would take a tenth.
    """
    ada, eve = (staff.create(each, PASSWORD, Role.MEMBER, by="test") for each in (ADA, "eve@example.org"))
    act = acts(ada, eve)[name]
    monkeypatch.setattr("marquee.members.back_off.check", lambda *_: None)
    if name == "change of address":  # asks for the password of who is signed in, which says nothing of the address
        monkeypatch.setattr("marquee.members.passwords.verify", lambda *_: True)
    seconds: dict[str, list[float]] = {ADA: [], "": []}
    for n in range(SAMPLES):
        for known in (ADA, "") if n % 2 else ("", ADA):  # neither is always the first
            started = time.perf_counter()
            act(known or f"nobody{n}@example.org", Caller(f"192.0.2.{n % 250}"))
            seconds[known].append(time.perf_counter() - started)
    unknown, known = (statistics.quantiles(seconds[which], n=10)[0] for which in ("", ADA))
    assert unknown / known == pytest.approx(1, abs=0.1)
