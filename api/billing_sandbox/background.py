"""What the server does beside its answers: due work, deliveries, and forgetting old idempotency keys."""

import asyncio
from collections.abc import Awaitable, Callable

import httpx
import psycopg
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool

from api.billing_sandbox import clock, delivery
from api.billing_sandbox.store import begin, run
from marquee.logs import log

WORK_PAUSE_S, DELIVERY_PAUSE_S, TIDY_PAUSE_S, AFTER_FAULT_S = 1.0, 0.5, 3600.0, 5.0
KEYS_KEPT_H = 24  # docs.stripe.com/api/idempotent_requests


def start(client: httpx.AsyncClient) -> list[asyncio.Task[None]]:
    """Begin all of it; the tasks run until they are cancelled."""

    async def deliver() -> float:
        return 0 if await delivery.deliver_next(client) else DELIVERY_PAUSE_S

    return [asyncio.create_task(_again_and_again(work)) for work in (do_due, deliver, forget_keys)]


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


async def _again_and_again(work: Callable[[], Awaitable[float]]) -> None:
    while True:
        try:
            pause = await work()
        except (SQLAlchemyError, psycopg.Error) as error:
            log.warning("background work put off", work=work.__name__, error=type(error).__name__)
            pause = AFTER_FAULT_S
        except Exception:  # a fault in one customer's work ends neither deliveries nor the others' work for good
            log.exception("background work has failed", work=work.__name__)
            pause = AFTER_FAULT_S
        await asyncio.sleep(pause)
