"""What the server does beside its answers: due work, deliveries, and forgetting old idempotency keys."""

import httpx
from starlette.concurrency import run_in_threadpool

from api.billing_sandbox import clock, delivery
from api.billing_sandbox.store import begin, run
from api.repeating import Work

WORK_PAUSE_S, DELIVERY_PAUSE_S, TIDY_PAUSE_S = 1.0, 0.5, 3600.0
KEYS_KEPT_H = 24  # docs.stripe.com/api/idempotent_requests


def works(client: httpx.AsyncClient) -> tuple[Work, ...]:
    """All of it."""

    async def deliver() -> float:
        return 0 if await delivery.deliver_next(client) else DELIVERY_PAUSE_S

    return do_due, deliver, forget_keys


async def do_due() -> float:
    """Do what has become due; how long to wait before the next time."""
    return 0 if await run_in_threadpool(clock.do_due) else WORK_PAUSE_S


async def forget_keys() -> float:
    """Delete idempotency keys of yesterday."""
    await run_in_threadpool(_forget_keys)
    return TIDY_PAUSE_S


def _forget_keys() -> None:
    with begin() as connection:
        run(connection, "delete from idempotency_keys where created < now() - make_interval(hours => %s)", KEYS_KEPT_H)
