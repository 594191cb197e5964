"""Time: each customer has their own, and what is due is done in its order."""

import time

from api.billing_sandbox import agenda
from api.billing_sandbox.store import begin, rows, run
from api.billing_sandbox.work import Work

MOST_STEPS = 10_000  # of one advance: years of a subscription


def now(ahead_s: int, frozen_at: int | None) -> int:
    """The customer's time: the real one and what it was advanced by, or where a test clock stands."""
    return frozen_at if frozen_at is not None else int(time.time()) + ahead_s


def next_due(work: Work) -> int | None:
    """When the customer's documents have to be looked at next."""
    entries = agenda.entries(work)
    return min(entries)[0] if entries else None


def catch_up(work: Work, until: int) -> None:
    """Do all due work up to a time, in order, each part at its own time; then it is that time."""
    for _ in range(MOST_STEPS):
        entries = agenda.entries(work)
        if not entries or min(entries)[0] > until:
            break
        at, _, what, id_ = min(entries)
        work.now = at
        agenda.carry_out(work, what, id_)
    work.now = until


def advance(work: Work, until: int) -> None:
    """Bring the customer who was entered to a later time."""
    ahead = max(0, until - work.now)
    catch_up(work, work.now + ahead)
    run(
        work.connection,
        """update customers set ahead_s = ahead_s + case when frozen_at is null then %s else 0 end,
            frozen_at = frozen_at + %s where id = %s""",
        ahead,
        ahead,
        work.customer_id,
    )


def do_due(limit: int = 20) -> int:
    """Do what has become due in real time, customer by customer; how many there were."""
    statement = """select id from customers where frozen_at is null and due_at - ahead_s <= %s
        order by due_at - ahead_s limit 1 for update skip locked"""
    for done in range(limit):
        with begin() as connection:
            found = rows(connection, statement, int(time.time()))
            if not found:
                return done
            work = Work(connection)
            work.enter(found[0][0])
            work.flush()
    return limit
