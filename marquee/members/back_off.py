"""Back-off: guessing becomes slow, and nobody can lock another person out for good.

Failures are counted three ways. By address and network: from the sixth on the pause doubles up to 15 minutes, which
stops one who guesses. By network: from the fiftieth on, which stops one who tries one password at many addresses. By
address alone: from the hundredth on, at most a minute, which slows many networks that guess at one address; the owner
then waits a minute at worst. All of it is forgotten after an hour.

The counts stand in the shared cache, or in the database where there is none or while it is away; so a cache that is
lost gives those who guess their free tries once more, and costs nobody else anything.
"""

from datetime import datetime, timedelta
from typing import NamedTuple, TypedDict

from sqlalchemy.orm import Session

from marquee.catalogue import attempts, audit
from marquee.catalogue.database import begin
from marquee.contracts.members import AuditKind, Caller
from marquee.members import shared_attempts
from marquee.members.errors import TooManyAttempts
from marquee.tools.shared_cache import asked

MEMORY = timedelta(hours=1)


class _Count(NamedTuple):
    subject: str
    free: int
    longest: timedelta


class _Limits(TypedDict):
    free: int
    longest: timedelta
    memory: timedelta


def _counts(address: str, caller: Caller) -> tuple[_Count, ...]:
    return (
        _Count(f"{address} {caller.network}", 5, timedelta(minutes=15)),
        _Count(caller.network, 50, timedelta(minutes=15)),
        _Count(address, 100, timedelta(minutes=1)),
    )


def check(address: str, caller: Caller) -> None:
    """Raises TooManyAttempts while the address or the network has to wait."""
    subjects = [count.subject for count in _counts(address, caller)]
    if until := asked(lambda cache: shared_attempts.blocked_until(cache, subjects), lambda: _blocked_until(subjects)):
        raise TooManyAttempts(until)


def _blocked_until(subjects: list[str]) -> datetime | None:
    with begin() as session:
        return attempts.blocked_until(session, subjects)


def failed(address: str, caller: Caller, account_id: int | None = None) -> None:
    """Count a failure; that of an account stands in its audit trail."""
    counts = sorted(_counts(address, caller))  # in one order, so that two failures cannot block each other
    with begin() as session:
        if account_id is not None:
            audit.write(session, account_id, AuditKind.LOGIN_FAILED, caller)
        for count in counts:
            _add(session, count)


def _add(session: Session, count: _Count) -> None:
    limits = _Limits(free=count.free, longest=count.longest, memory=MEMORY)
    asked(
        lambda cache: shared_attempts.failed(cache, count.subject, **limits),
        lambda: attempts.failed(session, count.subject, **limits),
    )


def forget_old() -> None:
    """Delete counts that no longer matter; those of the shared cache end by themselves."""
    with begin() as session:
        attempts.delete_old(session, MEMORY)


def succeeded(address: str, caller: Caller) -> None:
    """Forget the failures of this address on this network."""
    subject = _counts(address, caller)[0].subject
    asked(lambda cache: shared_attempts.clear(cache, subject), lambda: None)
    with begin() as session:
        attempts.clear(session, subject)
