"""Codes: of an authenticator app (RFC 6238: 6 digits, 30 s), or from the list of recovery codes. Each works once."""

import hashlib
import re
import secrets
import time

import pyotp

from marquee.catalogue import audit, second_factors
from marquee.catalogue.database import begin
from marquee.catalogue.models import TotpRow
from marquee.contracts.errors import Unavailable
from marquee.contracts.keys import Exchange
from marquee.contracts.members import AuditKind, Caller
from marquee.settings import settings
from marquee.tools.sealing import reseal, seal, unseal

STEP_S = 30
DRIFT = 1  # steps by which a clock may be wrong, before and after
RECOVERY_CODES, RECOVERY_BYTES = 10, 15  # 120 random bits each: more than 112, so that a plain hash will do (ASVS)
USE = "totp"
BATCH = 500  # secrets of one transaction


def required(account_id: int) -> bool:
    """Whether log-in asks for a code."""
    with begin() as session:
        return second_factors.totp_asked(session, account_id)


def take(account_id: int, code: str, caller: Caller) -> bool:
    """Whether a code is good; it then is spent."""
    typed = re.sub(r"[\s-]", "", code)
    if re.fullmatch("[0-9]{6}", typed):
        return take_totp(account_id, typed)
    with begin() as session:
        if not second_factors.spend_recovery_code(session, account_id, _hash(typed)):
            return False
        audit.write(session, account_id, AuditKind.RECOVERY_CODE_USED, caller)
        return True


def take_totp(account_id: int, code: str) -> bool:
    """Whether a code is the app's, now or a step before or after; it then is spent, with all before it."""
    with begin() as session:
        row = second_factors.totp(session, account_id)
        if row is None:
            return False
        app = pyotp.TOTP(unseal(row.sealed_secret, masters=settings().master_keys, use=USE).decode())
        now = int(time.time()) // STEP_S
        steps = (step for step in range(now - DRIFT, now + DRIFT + 1) if app.verify(code, for_time=step * STEP_S))
        step = next(steps, None)
        return step is not None and second_factors.spend_step(session, account_id, step)


def reseal_all() -> Exchange:
    """Seal the secrets of all apps with the present master key; those that are stay. Safe to run again."""
    done, after = Exchange(), -1
    while True:
        with begin() as session:
            rows = second_factors.totps_after(session, after, BATCH)
            for row in rows:
                done += _resealed(row)
        if not rows:
            return done
        after = rows[-1].account_id


def _resealed(row: TotpRow) -> Exchange:
    try:
        anew = reseal(row.sealed_secret, masters=settings().master_keys, use=USE)
    except Unavailable:
        return Exchange(closed=(f"account {row.account_id}",))
    if anew is None:
        return Exchange(held=1)
    row.sealed_secret = anew
    return Exchange(exchanged=1)


def propose(account_id: int) -> str | None:
    """A new app's secret in base 32, kept until it is confirmed; None when the account has a confirmed one."""
    secret = pyotp.random_base32()
    sealed = seal(secret.encode(), master=settings().secret("master_key"), use=USE)
    with begin() as session:
        return secret if second_factors.propose_totp(session, account_id, sealed) else None


def new_recovery_codes() -> list[str]:
    """Codes for people to write down: groups of four letters and digits."""
    return [_grouped(secrets.token_bytes(RECOVERY_BYTES)) for _ in range(RECOVERY_CODES)]


def hashes(recovery_codes: list[str]) -> list[bytes]:
    """What is kept of them."""
    return [_hash(code.replace("-", "")) for code in recovery_codes]


def _grouped(raw: bytes) -> str:
    text = "".join(ALPHABET[(int.from_bytes(raw) >> 5 * n) & 31] for n in range(RECOVERY_BYTES * 8 // 5))
    return "-".join(text[at : at + 4] for at in range(0, len(text), 4))


ALPHABET = "abcdefghjkmnpqrstuvwxyz123456789"  # 32, without i, l, o and 0, which are taken for one another


def _hash(code: str) -> bytes:
    return hashlib.sha256(code.lower().encode()).digest()
