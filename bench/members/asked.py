"""Requests of members, as many as are wanted, for random accounts of a population."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count

from bench.api.asking import Asked
from bench.members.seeding import ACTIVE, DEVICES, PASSWORD, PROFILES, SESSIONS, Population
from marquee.contracts.members import Member
from marquee.members.sign_in.log_in import access_token, tokens_of
from marquee.members.tokens import TokenAudience, issue

LATE = timedelta(days=1)


def member(account: int) -> Member:
    return Member(account, DEVICES + account, PROFILES + account)


def bearer(account: int) -> dict[str, str]:
    return {"Authorization": f"Bearer {access_token(member(account))}"}


def heartbeats(people: Population, chance: random.Random) -> Iterator[Asked]:
    """Each writes a position; those who play are a few of all, in no order."""
    for n in count():
        account = chance.randint(1, min(ACTIVE, people.accounts))
        token = issue(TokenAudience.LICENCE, SESSIONS + account, expires_at=datetime.now(UTC) + LATE, acc=str(account))
        path = f"/v1/playback-sessions/{SESSIONS + account}/heartbeat"
        yield Asked("POST", path, {"Authorization": f"Bearer {token}"}, {"position_ms": 20_000 + n})


def refreshes(people: Population, chance: random.Random) -> Iterator[Asked]:
    """No token twice."""
    for account in chance.sample(range(1, people.accounts + 1), min(people.accounts, 20_000)):
        made = tokens_of(member(account), 1, datetime.now(UTC) + LATE)
        yield Asked("POST", "/v1/sign-in/refresh", {}, {"refresh_token": made.refresh_token})


def log_ins(people: Population, chance: random.Random) -> Iterator[Asked]:
    while True:
        email = f"member{chance.randint(1, people.accounts)}@example.org"
        yield Asked("POST", "/v1/sign-in", {}, {"email": email, "password": PASSWORD, "keep": "body"})
