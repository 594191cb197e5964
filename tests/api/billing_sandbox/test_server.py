"""The real server: webhooks over real sockets, kills in the middle of calls, and when it refuses to start."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler
from typing import Any

import httpx
import pytest
import stripe

from marquee.embedded.ports import free
from marquee.settings import settings
from tests.api.billing_sandbox.conftest import MakeMember, Member
from tests.http_servers import HttpServer
from tests.plugin_billing import BillingSandbox

ROOT = __file__.rpartition("/tests/")[0]


class Receiver:
    """Where webhooks arrive; `refusing` answers 500."""

    def __init__(self, port: int) -> None:
        self.events: list[Any] = []
        self.refusing = 0
        self._arrived = threading.Condition()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                assert self.path == "/v1/billing/webhooks"
                self.send_response(receiver.take(body, self.headers["stripe-signature"]))
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                return

        self.server = HttpServer(Handler, port).start()

    def take(self, body: bytes, signature: str) -> int:
        event = stripe.Webhook.construct_event(body, signature, settings().secret("stripe_webhook_secret"))
        with self._arrived:
            if self.refusing:
                self.refusing -= 1
                return 500
            self.events.append(event)
            self._arrived.notify_all()
        return 200

    def wait(self, done: Callable[[list[Any]], Any], seconds: float = 60) -> list[Any]:
        """What has arrived once it is enough."""
        with self._arrived:
            assert self._arrived.wait_for(lambda: done(self.events), seconds), [event.type for event in self.events]
            return list(self.events)


@pytest.fixture
def receiver(billing: BillingSandbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    """Where the API would be."""
    port = free(1)[0]
    monkeypatch.setenv("MARQUEE_PORT_API", str(port))
    settings.cache_clear()
    made = Receiver(port)
    yield made
    made.server.stop()


def start(port: int) -> "subprocess.Popen[str]":
    """The server, once it listens."""
    argv = [sys.executable, "-m", "uvicorn", "api.billing_sandbox.main:app", "--port", str(port), "--no-access-log"]
    process = subprocess.Popen(argv, cwd=ROOT, env=os.environ | {"PYTHONPATH": ROOT}, stderr=subprocess.PIPE, text=True)
    assert process.stderr
    for line in process.stderr:
        if "running on" in line:
            break
    threading.Thread(target=process.stderr.read, daemon=True).start()
    return process


@pytest.fixture
def server(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of the running server."""
    port = free(1)[0]
    monkeypatch.setenv("MARQUEE_PORT_BILLING", str(port))
    settings.cache_clear()
    process = start(port)
    yield f"http://127.0.0.1:{port}"
    process.terminate()
    assert process.wait(20) in {0, -signal.SIGTERM}


def post(server: str, path: str, **fields: str) -> httpx.Response:
    """As a form of the server's own page."""
    return httpx.post(f"{server}{path}", data=fields, headers={"Origin": server}, timeout=60)


def test_a_payment_on_the_page_is_reported_in_order_and_signed(member: Member, server: str, receiver: Receiver) -> None:
    session = member.checkout()
    paid = post(server, f"/pay/{session.id}", card="works")
    assert (paid.status_code, paid.headers["location"]) == (303, f"http://localhost/done?id={session.id}")
    events = receiver.wait(lambda events: any(event.type == "checkout.session.completed" for event in events))
    assert [event.type for event in events][:2] == ["customer.created", "customer.subscription.created"]
    listed = member.v1.events.list({"limit": 100}).data
    assert [event.id for event in events] == [event.id for event in reversed(listed)]


def test_what_is_refused_comes_again(member: Member, server: str, receiver: Receiver) -> None:
    receiver.refusing = 2
    events = receiver.wait(lambda events: events)
    assert [event.type for event in events] == ["customer.created"]


def test_delivery_is_held_dropped_shuffled_and_doubled(member: Member, server: str, receiver: Receiver) -> None:
    receiver.wait(lambda events: events)
    post(server, "/delivery", value="hold")
    member.subscribe()
    held = {event.id for event in member.v1.events.list({"limit": 100}).data} - {event.id for event in receiver.events}
    assert len(held) > 5
    post(server, "/send-held", value="twice")
    events = receiver.wait(lambda events: len(events) == 1 + 2 * len(held))
    assert {event.id for event in events[1:]} == held
    post(server, "/delivery", value="drop")
    member.v1.customers.update(member.id, {"name": "Ada"})
    post(server, "/delivery", value="normal")
    member.v1.customers.update(member.id, {"name": "Eve"})
    last = receiver.wait(lambda events: len(events) == 2 + 2 * len(held))[-1]
    assert last.data.object["name"] == "Eve"
    dropped = next(e for e in member.v1.events.list({"limit": 2}).data if e.id not in {e.id for e in receiver.events})
    post(server, f"/events/{dropped.id}/again")
    assert receiver.wait(lambda events: len(events) == 3 + 2 * len(held))[-1].id == dropped.id


def test_another_site_can_do_nothing(member: Member, server: str) -> None:
    session = member.checkout()
    for headers in ({"Origin": "http://evil.example"}, {}, {"Sec-Fetch-Site": "cross-site", "Origin": server}):
        for path in (f"/pay/{session.id}", f"/customers/{member.id}/cancel", "/delivery", "/send-held"):
            assert httpx.post(f"{server}{path}", data={"card": "works"}, headers=headers).status_code == 403, headers
    assert httpx.get(server, headers={"Host": "evil.example"}).status_code == 400
    assert member.v1.checkout.sessions.retrieve(session.id).status == "open"


def test_a_kill_in_the_middle_leaves_no_halves(
    make_member: MakeMember, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Calls are repeated with their idempotency keys over kills until all are answered; each has happened once."""
    port, member = free(1)[0], make_member()
    member.subscribe()
    subscription, charge = member.subscription(), member.charges()[0].id
    client = stripe.StripeClient(
        settings().secret("stripe_api_key"), base_addresses={"api": f"http://127.0.0.1:{port}"}, max_network_retries=0
    )
    item = subscription["items"].data[0].id

    def call(number: int) -> None:
        options: Any = {"idempotency_key": f"call {number}"}
        plan = member.prices["standard" if number % 2 else "basic"]
        change: Any = {"items": [{"id": item, "price": plan}], "proration_behavior": "always_invoice"}
        while True:
            try:
                client.v1.refunds.create({"charge": charge, "amount": 1}, {"idempotency_key": f"refund {number}"})
                client.v1.subscriptions.update(subscription.id, change, options)
            except stripe.APIConnectionError:
                threading.Event().wait(0.2)
                continue
            return

    process = start(port)
    with ThreadPoolExecutor(3) as pool:
        calls = [pool.submit(call, number) for number in range(24)]
        for done in (4, 12):
            while sum(each.done() for each in calls) < done:
                threading.Event().wait(0.01)
            process.kill()
            process.wait()
            process = start(port)
        for each in calls:
            each.result()
    events = {event.id for event in member.v1.events.list({"limit": 100, "type": "charge.refunded"}).data}
    got = receiver.wait(lambda seen: events <= {event.id for event in seen})
    process.kill()
    process.wait()
    assert member.v1.charges.retrieve(charge).amount_refunded == len(events) == 24
    assert {event.id for event in got} >= events
    numbers = [invoice.number for invoice in member.invoices()]
    assert len(numbers) == len(set(numbers))
    from tests.api.billing_sandbox.test_laws import assert_all_laws

    assert_all_laws(member)


@pytest.mark.parametrize(
    "environment",
    [{"MARQUEE_STRIPE_API_KEY": "sk_live_1"}, {"MARQUEE_PROFILE": "production"}],
    ids=["a key", "no demo"],
)
def test_it_refuses_to_start_where_payments_are_real(billing: BillingSandbox, environment: dict[str, str]) -> None:
    from marquee.settings import SECRETS

    secrets = {f"MARQUEE_{name.upper()}": "x" * 43 for name in SECRETS}
    argv = [sys.executable, "-m", "uvicorn", "api.billing_sandbox.main:app", "--port", str(free(1)[0])]
    done = subprocess.run(
        argv, cwd=ROOT, env=os.environ | {"PYTHONPATH": ROOT} | secrets | environment, capture_output=True, text=True
    )
    assert done.returncode == 3
    assert "demo profile only" in done.stdout + done.stderr
