"""Reports: forged, replayed, late, doubled, out of order and lost; and a provider that does not answer."""

import json
import time
from typing import Any, get_args

import pytest
import stripe
from sqlalchemy import select

from marquee.catalogue import accounts, billing
from marquee.catalogue.database import begin
from marquee.catalogue.models import BillingNotice, InvoiceRow, PaymentRow
from marquee.contracts.errors import Unavailable
from marquee.contracts.members import Caller
from marquee.contracts.plans import SubscriptionState
from marquee.members.accounts import deletion
from marquee.members.billing import paying, sync
from marquee.members.billing import stripe as adapter
from marquee.members.billing.stripe import reading
from marquee.settings import settings
from tests.api.billing.conftest import Payer, read_all
from tests.api.conftest import assert_problem

SECONDS = 300  # of tolerance


def signed(payload: str, *, secret: str | None = None, age_s: int = 0) -> str:
    key = secret or settings().secret("stripe_webhook_secret")
    return stripe.WebhookSignature.generate_signature_header(payload, key, timestamp=int(time.time()) - age_s)


def notices() -> set[str]:
    with begin() as session:
        return set(session.scalars(select(BillingNotice.customer_id)))


def test_only_what_the_provider_signed_just_now_is_taken(payer: Payer) -> None:
    payer.check_out()
    read_all()
    body = json.dumps({"id": "evt_1", "object": "event", "type": "customer.updated",
                       "data": {"object": {"id": payer.customer, "object": "customer"}}})  # fmt: skip
    good = signed(body)
    forged = {
        "none": "",
        "no words": "t=,v1=",
        "another key": signed(body, secret="whsec_other"),
        "too old": signed(body, age_s=SECONDS + 5),
        "another body": signed(body + " "),
        "another scheme": good.replace("v1=", "v0="),
        "another time": good.replace("t=", "t=1"),
        "one digit": good[:-1] + ("0" if good[-1] != "0" else "1"),
    }
    for name, signature in forged.items():
        answer = payer.post(body.encode(), signature, 400)
        assert_problem(answer, 400, "forged-report"), name
    payer.post(body[:-1].encode(), good, 400)
    assert notices() == set()
    payer.post(body.encode(), good)
    payer.post(body.encode(), good)  # twice is once
    read_all()


def test_what_is_no_report_of_a_customer_is_taken_and_left(payer: Payer) -> None:
    for thing in ({"id": "prod_1", "object": "product"}, {"object": "balance"}, {"object": "charge", "customer": None}):
        body = json.dumps({"id": "evt_1", "object": "event", "type": "x", "data": {"object": thing}})
        payer.post(body.encode(), signed(body))
    for odd in ("[]", "null", "{}", '{"data": {"object": 7}}', '{"data": {"object": {"id": 7, "object": "customer"}}}'):
        payer.post(odd.encode(), signed(odd))
    for broken in (b"", b"{", b"\x00", b"\xff"):
        payer.post(broken, signed(broken.decode(errors="replace")), 400)
    assert notices() == set()


def test_a_customer_of_nobody_changes_nothing(payer: Payer) -> None:
    other = payer.billing.client.v1.customers.create(
        {"email": "mallory@example.org", "metadata": {"account_id": str(payer.viewer.account_id)}}
    )
    payer.subscribe()
    sync.read_now(other.id)
    assert payer.standing()["state"] == "active"


class Away:
    """A provider whose network is down."""

    def __getattr__(self, name: str) -> Any:
        raise stripe.APIConnectionError("no route")


@pytest.fixture
def away(payer: Payer, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Call it, and the provider is away; call what it returns, and it is back."""

    def leave() -> Any:
        modules = [adapter, adapter.prices, reading]
        before = [(module, module.client) for module in modules]
        for module in modules:
            monkeypatch.setattr(module, "client", Away)
        return lambda: [monkeypatch.setattr(module, "client", client) for module, client in before]

    return leave


def test_while_the_provider_is_away_reports_are_kept_and_the_plan_holds(payer: Payer, away: Any) -> None:
    payer.subscribe()
    back = away()
    payer.billing.act(payer.customer, "cancel")
    (report,) = payer.billing.take_events(payer.customer)
    payer.post(report.payload, report.signature)
    sync.read_due()
    answer = payer.call("POST", "/refresh")
    assert_problem(answer, 503, "unavailable")
    assert answer.headers["retry-after"]
    assert (payer.standing()["state"], notices()) == ("active", {payer.customer})
    back()
    assert payer.call("POST", "/refresh").json()["state"] == "canceled"


def test_a_kill_between_the_customer_and_its_note_makes_no_second_one(
    payer: Payer, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def killed(*_: Any) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(billing, "set_customer", killed)
        with pytest.raises(Killed):
            paying.checkout(payer.viewer.member, "basic", Caller("127.0.0.1"))
    payer.subscribe()
    made = payer.billing.client.v1.events.list({"type": "customer.created"}).data
    assert [event.data.object.id for event in made] == [payer.customer]
    assert payer.standing()["state"] == "active"


def test_a_new_address_reaches_the_provider(payer: Payer) -> None:
    payer.subscribe()
    with begin() as session:
        accounts.change_address(session, payer.viewer.account_id, "renamed@example.org")
        billing.note(session, payer.customer)
    read_all()
    assert payer.billing.client.v1.customers.retrieve(payer.customer).email == "renamed@example.org"


def test_a_deleted_account_is_deleted_at_the_provider_and_its_books_lead_nowhere(payer: Payer, away: Any) -> None:
    payer.subscribe()
    customer, account_id = payer.customer, payer.viewer.account_id
    back = away()
    with pytest.raises(Unavailable):
        deletion.erase(account_id, even_early=True)
    assert payer.standing()["state"] == "active"
    back()
    assert deletion.erase(account_id, even_early=True)
    assert payer.billing.client.v1.customers.retrieve(customer).deleted
    (ended,) = payer.billing.client.v1.subscriptions.list({"customer": customer, "status": "all"}).data
    assert ended.status == "canceled"
    for report in payer.billing.take_events(customer):
        sync.reported(report.payload, report.signature)
    read_all()
    with begin() as session:
        for table in (InvoiceRow, PaymentRow):
            (row,) = session.scalars(select(table))
            assert row.account_id != account_id


def test_states_of_the_provider_are_all_known() -> None:
    """Those of the official library; `incomplete_expired` is over, as `canceled` is."""
    literal = next(each for each in get_args(stripe.Subscription.__annotations__["status"]) if get_args(each))
    assert {*get_args(literal)} - {"incomplete_expired"} == {each.value for each in SubscriptionState}
