"""Back-off: guessing becomes slow, and nobody can lock another person out for good.

Failures are counted three ways. By address and network: from the sixth on the pause doubles up to 15 minutes, which
stops one who guesses. By network: from the fiftieth on, which stops one who tries one password at many addresses. By
address alone: from the hundredth on, at most a minute, which slows many networks that guess at one address; the owner
then waits a minute at worst. All of it is forgotten after an hour.
"""

from datetime import timedelta
from typing import NamedTuple

from marquee.catalogue import attempts, audit
from marquee.catalogue.database import begin
from marquee.contracts.members import AuditKind, Caller
from marquee.members.errors import TooManyAttempts

MEMORY = timedelta(hours=1)


class _Count(NamedTuple):
    subject: str
    free: int
    longest: timedelta


def _counts(address: str, caller: Caller) -> tuple[_Count, ...]:
    return (
        _Count(f"{address} {caller.network}", 5, timedelta(minutes=15)),
        _Count(caller.network, 50, timedelta(minutes=15)),
        _Count(address, 100, timedelta(minutes=1)),
    )


def check(address: str, caller: Caller) -> None:
    """Raises TooManyAttempts while the address or the network has to wait."""
    with begin() as session:
        if until := attempts.blocked_until(session, [count.subject for count in _counts(address, caller)]):
            raise TooManyAttempts(until)


def failed(address: str, caller: Caller, account_id: int | None = None) -> None:
    """Count a failure; that of an account stands in its audit trail."""
    with begin() as session:
        if account_id is not None:
            audit.write(session, account_id, AuditKind.LOGIN_FAILED, caller)
        for count in sorted(_counts(address, caller)):  # in one order, so that two failures cannot block each other
            attempts.failed(session, count.subject, free=count.free, longest=count.longest, memory=MEMORY)


def forget_old() -> None:
    """Delete counts that no longer matter."""
    with begin() as session:
        attempts.delete_old(session, MEMORY)


def succeeded(address: str, caller: Caller) -> None:
    """Forget the failures of this address on this network."""
    with begin() as session:
        attempts.clear(session, _counts(address, caller)[0].subject)
