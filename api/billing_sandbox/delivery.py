"""Delivery: events are sent to the API, signed, again and again with growing pauses until it has taken them."""

import time
from typing import Any

import httpx
from starlette.concurrency import run_in_threadpool

from api.billing_sandbox.outbox import message
from api.billing_sandbox.store import begin, rows, run
from marquee.settings import settings

PATIENCE_S = 10.0  # for an answer
LEASE_S = 30.0  # so long an event counts as being sent; after that, one whose sender has died is sent by another
LONGEST_PAUSE_S = 3600.0
CLAIM = """update events set next_at = %s, attempts = attempts + 1 where id = (
        select id from events where state = 'pending' and next_at <= %s order by turn, seq limit 1
        for update skip locked)
    returning id, body, attempts"""


async def deliver_next(client: httpx.AsyncClient) -> bool:
    """Send the next event that is due; whether there was one. An event is never lost, but may come twice."""
    claimed = await run_in_threadpool(_claim)
    if claimed is None:
        return False
    id_, body, attempts = claimed
    answer = await _send(client, body)
    await run_in_threadpool(_note, id_, attempts, answer)
    return True


def _claim() -> tuple[str, Any, int] | None:
    now = time.time()
    with begin() as connection:
        found = rows(connection, CLAIM, now + LEASE_S, now)
    return (found[0][0], found[0][1], found[0][2]) if found else None


async def _send(client: httpx.AsyncClient, body: Any) -> str:
    """The status that came back, or the kind of failure."""
    made = message(body)
    url = f"http://127.0.0.1:{settings().port_api}/v1/billing/webhooks"
    headers = {"Stripe-Signature": made.signature, "Content-Type": "application/json; charset=utf-8"}
    try:
        answer = await client.post(url, content=made.payload, headers=headers, timeout=PATIENCE_S)
    except httpx.HTTPError as error:
        return type(error).__name__
    return str(answer.status_code)


def _note(id_: str, attempts: int, answer: str) -> None:
    """Delivered; to be delivered once more; or to be tried again after a pause."""
    taken = answer.startswith("2")
    with begin() as connection:
        run(
            connection,
            """update events set answer = %s, times = times - %s, next_at = %s,
                state = case when %s and times <= 1 then 'delivered' else state end
                where id = %s and state = 'pending'""",
            answer,
            int(taken),
            time.time() + (0 if taken else pause(attempts)),
            taken,
            id_,
        )


def pause(attempts: int) -> float:
    """Seconds until the next attempt: 1, 2, 4 … an hour at most."""
    return min(2.0 ** max(0, attempts - 1), LONGEST_PAUSE_S)
