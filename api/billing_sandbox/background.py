"""What the server does beside its answers: due work, deliveries, and forgetting old idempotency keys."""

import math
import time

import httpx
from fastapi import Request
from starlette.concurrency import run_in_threadpool

from api.billing_sandbox import clock, delivery
from api.billing_sandbox.store import begin, run
from api.repeating import Work

WORK_PAUSE_S, DELIVERY_PAUSE_S, TIDY_PAUSE_S = 1.0, 0.5, 3600.0
# Almost all that becomes due comes of a request: so long after one the database is asked at every turn, else seldom.
STIRRED_S, IDLE_S = 30.0, 3.0
KEYS_KEPT_H = 24  # docs.stripe.com/api/idempotent_requests


class Requests:
    """When the last one came that may have changed something."""

    last_s = -math.inf

    async def note(self, request: Request) -> None:
        """A dependency of every route. That something asks whether the server answers counts for nothing."""
        if request.url.path != "/healthz":
            self.last_s = time.monotonic()


class Turns:
    """Of a work's turns, those at which it is to look for something to do."""

    def __init__(self, requests: Requests) -> None:
        self._requests, self._looked_s = requests, -math.inf

    def due(self) -> bool:
        now = time.monotonic()
        due = now - self._requests.last_s < STIRRED_S or now - self._looked_s >= IDLE_S
        self._looked_s = now if due else self._looked_s
        return due


def works(client: httpx.AsyncClient, requests: Requests) -> tuple[Work, ...]:
    """All of it."""
    deliveries, due_work = Turns(requests), Turns(requests)

    async def deliver() -> float:
        if not deliveries.due():
            return DELIVERY_PAUSE_S
        return 0 if await delivery.deliver_next(client) else DELIVERY_PAUSE_S

    async def do_due() -> float:
        if not due_work.due():
            return WORK_PAUSE_S
        return 0 if await run_in_threadpool(clock.do_due) else WORK_PAUSE_S

    return do_due, deliver, forget_keys


async def forget_keys() -> float:
    """Delete idempotency keys of yesterday."""
    await run_in_threadpool(_forget_keys)
    return TIDY_PAUSE_S


def _forget_keys() -> None:
    with begin() as connection:
        run(connection, "delete from idempotency_keys where created < now() - make_interval(hours => %s)", KEYS_KEPT_H)
