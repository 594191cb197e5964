"""Passwords: which are accepted, and how they are kept.

Kept as Argon2id with 19 MiB, 2 passes, 1 lane (OWASP Password Storage Cheat Sheet, 2025). Accepted from 10 characters
on, when neither among the commonest nor easy to guess (zxcvbn, score 3 of 4: "safely unguessable"). No rules on kinds
of characters (NIST SP 800-63B, section 5.1.1.2).
"""

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from zxcvbn import zxcvbn
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from marquee.members.errors import WeakPassword

SHORTEST, LONGEST = 10, 256
SCORE = 3
JUDGED = 72  # characters that zxcvbn looks at: its time grows with the square of the length

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def check(password: str, *, known: tuple[str, ...] = ()) -> None:
    """Raises WeakPassword, with advice. `known` are words that anybody could guess, such as the address."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise WeakPassword(
            "the password is too short or too long",
            where="password",
            expected=f"{SHORTEST} to {LONGEST} characters",
            got=f"{len(password)}",
        )
    if password.lower() in _commonest():
        raise WeakPassword("the password is one of the commonest", where="password", expected="one that is your own")
    guess = zxcvbn(password[:JUDGED], user_inputs=["marquee", *known])
    if guess["score"] < SCORE:
        advice = guess["feedback"]["warning"] or "it is easy to guess"
        raise WeakPassword(
            "the password is easy to guess", where="password", expected="some words more", got=advice.rstrip(".")
        )


@cache
def _commonest() -> frozenset[str]:
    return frozenset(FREQUENCY_LISTS["passwords"])


def hashed(password: str) -> str:
    """The hash to keep; it holds its salt and its parameters."""
    return _hasher.hash(password)


def verify(kept: str | None, password: str) -> bool:
    """Whether a password is the one that was hashed. Takes as long where there is none to compare with."""
    try:
        same = _hasher.verify(kept or _nobodys(), password[:LONGEST])  # of a longer one no more is hashed
        return same and kept is not None and len(password) <= LONGEST
    except (VerificationError, InvalidHashError):
        return False


@cache
def _nobodys() -> str:
    return _hasher.hash("a password that belongs to nobody")


def outdated(kept: str) -> bool:
    """Whether a hash was made with other parameters than today's."""
    return _hasher.check_needs_rehash(kept)
