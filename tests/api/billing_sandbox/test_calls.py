"""The calls: keys, errors, parameters, idempotency, lists and expansion, as Stripe's own library meets them."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import stripe

from api.billing_sandbox import transport
from api.billing_sandbox.calls import Asked, answer
from marquee.settings import settings
from tests.api.billing_sandbox.conftest import Member
from tests.plugin_billing import BillingSandbox


def asked(method: str, path: str, body: str = "", key: str = "", **headers: str) -> Any:
    authorization = {"authorization": f"Bearer {key or settings().secret('stripe_api_key')}"}
    return answer(Asked(method, path, "", body.encode(), authorization | headers))


@pytest.mark.parametrize("key", ["sk_test_wrong", "x"])
def test_a_wrong_key(billing: BillingSandbox, key: str) -> None:
    client = stripe.StripeClient(key, http_client=transport.InProcess())
    with pytest.raises(stripe.AuthenticationError) as refused:
        client.v1.customers.create({})
    assert refused.value.http_status == 401
    assert key not in str(refused.value.user_message)
    assert billing.client.v1.customers.list().data == []


def test_basic_log_in_works_as_well(billing: BillingSandbox) -> None:
    import base64

    name = base64.b64encode(f"{settings().secret('stripe_api_key')}:".encode()).decode()
    assert answer(Asked("get", "/v1/customers", headers={"authorization": f"Basic {name}"})).status == 200
    for wrong in ("", "Basic", "Basic !!", "Bearer ", "Basic eDp5"):
        assert answer(Asked("get", "/v1/customers", headers={"authorization": wrong})).status == 401


RETRIEVALS = (
    "customers", "products", "prices", "coupons", "promotion_codes", "checkout/sessions", "subscriptions", "invoices",
    "charges", "refunds", "events", "payment_intents", "payment_methods", "tax_rates", "test_helpers/test_clocks",
)  # fmt: skip


@pytest.mark.parametrize("path", RETRIEVALS)
def test_an_unknown_id(billing: BillingSandbox, path: str) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        billing.client.raw_request("get", f"/v1/{path}/none_1")
    assert (refused.value.http_status, refused.value.code, refused.value.param) == (404, "resource_missing", "id")


def test_an_id_of_another_kind(member: Member) -> None:
    subscription = member.subscribe()
    with pytest.raises(stripe.InvalidRequestError, match="No such customer"):
        member.v1.customers.retrieve(subscription.id)
    with pytest.raises(stripe.InvalidRequestError, match="No such subscription"):
        member.v1.subscriptions.cancel(member.id)


def test_an_unknown_address(billing: BillingSandbox) -> None:
    assert asked("get", "/v1/payouts").status == 404
    assert asked("delete", "/v1/invoices").status == 404
    assert asked("get", "/v1/customers/../events").status == 404


@pytest.mark.parametrize(("path", "params", "code", "param"), [
    ("customers", {"nickname": "x"}, "parameter_unknown", "nickname"),
    ("customers", {"address": {"planet": "x"}}, "parameter_unknown", "address[planet]"),
    ("customers", {"address": {"country": "Germany"}}, "country_code_invalid", "address[country]"),
    ("products", {}, "parameter_missing", "name"),
    ("prices", {"currency": "eur"}, "parameter_missing", "product"),
    ("prices", {"unit_amount": "1.5"}, "parameter_invalid_integer", "unit_amount"),
    ("prices", {"unit_amount": -1}, "parameter_invalid_integer", "unit_amount"),
    ("prices", {"recurring": {"interval": "fortnight"}}, None, "recurring[interval]"),
    ("checkout/sessions", {"mode": "payment"}, None, "mode"),
    ("checkout/sessions", {"mode": "subscription", "success_url": "x"}, "parameter_missing", "customer"),
    ("refunds", {}, "parameter_missing", "charge"),
    ("refunds", {"charge": "ch_none"}, "resource_missing", "charge"),
    ("subscriptions/sub_none", {"cancel_at_period_end": "perhaps"}, None, "cancel_at_period_end"),
    ("coupons", {"percent_off": 5, "amount_off": 5}, None, "percent_off"),
    ("customers", {"metadata": {"k" * 41: "x"}}, None, "metadata"),
])  # fmt: skip
def test_bad_parameters(billing: BillingSandbox, path: str, params: dict, code: str | None, param: str) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        billing.client.raw_request("post", f"/v1/{path}", **params)
    assert (refused.value.http_status, refused.value.code, refused.value.param) == (400, code, param)


@pytest.mark.parametrize(
    "body",
    ["[]=1", "a[b", "=", "a[b]=1&a=2", "a=1&a[b]=2", "x" * 300, "a[b][c][d][e][f][g][h][i]=1", "%00=1", "\udcff"],
)
def test_what_is_no_form(billing: BillingSandbox, body: str) -> None:
    assert answer(
        Asked("post", "/v1/customers", "", body.encode(errors="surrogateescape"),
              {"authorization": f"Bearer {settings().secret('stripe_api_key')}"})
    ).status == 400  # fmt: skip


def test_the_same_key_gives_the_same_answer_once(member: Member) -> None:
    options: Any = {"idempotency_key": "one"}
    first = member.v1.customers.create({"email": "eve@example.org"}, options)
    again = member.v1.customers.create({"email": "eve@example.org"}, options)
    assert first.id == again.id
    assert again.last_response.headers["Idempotent-Replayed"] == "true"
    with pytest.raises(stripe.IdempotencyError) as refused:
        member.v1.customers.create({"email": "mallory@example.org"}, options)
    assert refused.value.http_status == 400
    assert len(member.v1.customers.list({"email": "eve@example.org"}).data) == 1


def test_the_same_key_at_the_same_time(member: Member) -> None:
    member.subscribe()
    charge = member.charges()[0].id

    def refund(_: int) -> str:
        options: Any = {"idempotency_key": "refund"}
        return str(member.v1.refunds.create({"charge": charge, "amount": 100}, options).id)

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(refund, range(8)))) == 1
    assert member.charges()[0].amount_refunded == 100


def test_a_refusal_is_remembered_and_a_mistake_is_not(member: Member) -> None:
    member.subscribe(card="once")
    member.act("renew")
    invoice, options = member.invoices()[0].id, {"idempotency_key": "pay"}
    for _ in range(2):
        with pytest.raises(stripe.CardError):
            member.v1.invoices.pay(invoice, {}, options)
    assert len(member.charges()) == 3  # the second answer was the first's
    wrong: Any = {"idempotency_key": "mistake"}
    with pytest.raises(stripe.InvalidRequestError):
        member.v1.products.create({"id": "x"}, wrong)  # type: ignore[typeddict-item]
    assert member.v1.products.create({"id": "x", "name": "X"}, wrong).id == "x"


def test_concurrent_changes_of_one_customer_come_one_after_the_other(member: Member) -> None:
    member.subscribe()

    def change(plan: str) -> None:
        member.change(plan, proration_behavior="always_invoice")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(change, ["standard", "basic"] * 6))
    numbers = [invoice.number for invoice in member.invoices()]
    assert len(numbers) == len(set(numbers))


def test_lists_in_pages(member: Member) -> None:
    member.subscribe()
    member.advance(200 * 86_400)
    invoices = member.v1.invoices.list({"customer": member.id, "limit": 3})
    assert (len(invoices.data), invoices.has_more) == (3, True)
    everything = [invoice.id for invoice in invoices.auto_paging_iter()]
    assert everything == [invoice.id for invoice in member.invoices()]
    second = member.v1.invoices.list({"customer": member.id, "limit": 3, "starting_after": everything[2]})
    assert [invoice.id for invoice in second.data] == everything[3:6]
    back = member.v1.invoices.list({"customer": member.id, "limit": 3, "ending_before": everything[3]})
    assert [invoice.id for invoice in back.data] == everything[:3]
    recent = member.v1.invoices.list({"customer": member.id, "created": {"gte": member.now - 40 * 86_400}})
    assert [invoice.id for invoice in recent.data] == everything[:1]
    assert member.v1.invoices.list({"customer": member.id, "status": "open"}).data == []
    for wrong in ({"limit": 0}, {"limit": 101}, {"starting_after": "in_none"}):
        with pytest.raises(stripe.InvalidRequestError):
            member.v1.invoices.list(wrong)  # type: ignore[arg-type]


def test_lists_of_subscriptions_leave_out_what_has_ended(member: Member) -> None:
    first = member.subscribe()
    member.v1.subscriptions.cancel(first.id)
    second = member.subscribe("standard")

    def ids(**more: Any) -> list[str]:
        return [each.id for each in member.v1.subscriptions.list({"customer": member.id, **more}).data]

    assert ids() == [second.id]
    assert ids(status="all") == [second.id, first.id]
    assert ids(status="ended") == ids(status="canceled") == [first.id]
    assert ids(status="all", price=member.prices["basic"]) == [first.id]
    assert ids(status="all", created={"lt": member.now}) == []


def test_prices_by_lookup_key(member: Member) -> None:
    found = member.v1.prices.list({"lookup_keys": ["basic", "none"], "active": True, "expand": ["data.product"]})
    assert [price.id for price in found.data] == [member.prices["basic"]]
    assert found.data[0].product.name == "Basic"
    with pytest.raises(stripe.InvalidRequestError, match="already uses"):
        member.v1.prices.create({
            "product": "plan-basic", "currency": "eur", "unit_amount": 1, "recurring": {"interval": "month"},
            "lookup_key": "basic",
        })  # fmt: skip
    moved = member.v1.prices.create({
        "product": "plan-basic", "currency": "eur", "unit_amount": 899, "recurring": {"interval": "month"},
        "lookup_key": "basic", "transfer_lookup_key": True,
    })  # fmt: skip
    member.v1.prices.update(member.prices["basic"], {"active": False})
    assert [price.id for price in member.v1.prices.list({"lookup_keys": ["basic"]}).data] == [moved.id]
    with pytest.raises(stripe.InvalidRequestError, match="inactive"):
        member.checkout("basic")


def test_expansion(member: Member) -> None:
    subscription = member.subscribe(promotion="WELCOME50")
    expanded = member.v1.subscriptions.retrieve(
        subscription.id, {"expand": ["latest_invoice.payments", "customer", "default_payment_method"]}
    )
    assert expanded.latest_invoice.payments.data[0].status == "paid"
    assert (expanded.customer.email, expanded.default_payment_method.card.last4) == ("ada@example.org", "4242")
    (invoice,) = member.invoices(expand=["data.discounts"])
    assert invoice.discounts[0].source.coupon == "welcome50"
    for wrong in (["status.x.y.z.a"], ["nothing"], ["latest_invoice.nothing"]):
        with pytest.raises(stripe.InvalidRequestError) as refused:
            member.v1.subscriptions.retrieve(subscription.id, {"expand": wrong})
        assert refused.value.param == "expand"


def test_metadata_is_merged_and_taken_away(member: Member) -> None:
    v1 = member.v1
    v1.customers.update(member.id, {"metadata": {"a": "1", "b": "2"}})
    assert v1.customers.update(member.id, {"metadata": {"b": "", "c": "3"}}).metadata.to_dict() == {"a": "1", "c": "3"}
    assert v1.customers.update(member.id, {"metadata": ""}).metadata.to_dict() == {}


def test_events_are_listed_and_tell_what_was_before(member: Member) -> None:
    subscription = member.subscribe()
    member.v1.subscriptions.update(subscription.id, {"cancel_at_period_end": True})
    events = member.v1.events.list({"type": "customer.subscription.updated", "limit": 1})
    event = member.v1.events.retrieve(events.data[0].id)
    assert event.data.previous_attributes["cancel_at_period_end"] is False
    assert event.request.id.startswith("req_")
    assert event.data.object["cancel_at_period_end"] is True
    assert member.v1.events.list({"types": ["charge.failed"]}).data == []


def test_checkout_sessions_are_listed_and_expired(member: Member) -> None:
    session = member.checkout(client_reference_id="7", metadata={"account": "7"}, locale="de")
    (found,) = member.v1.checkout.sessions.list({"customer": member.id, "status": "open"}).data
    assert (found.id, found.client_reference_id, found.url.endswith(found.id)) == (session.id, "7", True)
    shown = member.v1.checkout.sessions.retrieve(session.id, {"expand": ["line_items"]})
    assert shown.line_items.data[0].amount_total == 799
    assert member.v1.checkout.sessions.expire(session.id).status == "expired"
    with pytest.raises(stripe.InvalidRequestError):
        member.v1.checkout.sessions.expire(session.id)
    assert member.v1.checkout.sessions.list({"customer": member.id, "status": "open"}).data == []
    portal = member.v1.billing_portal.sessions.create({"customer": member.id, "return_url": "http://localhost/"})
    assert portal.url.endswith(portal.id)
