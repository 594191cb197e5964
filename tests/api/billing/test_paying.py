"""A plan is paid, changed, ended and paid again; what the member, the books and the mail queue say of it."""

from typing import Any

import pytest
from sqlalchemy import select

from api.billing_sandbox.errors import Refused
from marquee.catalogue.database import begin
from marquee.catalogue.models import PaymentRow, SubscriptionChange
from marquee.contracts.plans import SubscriptionState as State
from marquee.members.billing import transitions
from tests.api.billing.conftest import Payer
from tests.api.conftest import Publish, assert_problem


def payments(payer: Payer) -> list[tuple[str, int, str]]:
    with begin() as session:
        wanted = select(PaymentRow).where(PaymentRow.account_id == payer.viewer.account_id).order_by(PaymentRow.at)
        return [(row.status, row.amount, row.plan) for row in session.scalars(wanted)]


def changes(payer: Payer) -> list[tuple[str | None, str]]:
    with begin() as session:
        wanted = select(SubscriptionChange).where(SubscriptionChange.account_id == payer.viewer.account_id)
        return [(row.from_state, row.state) for row in session.scalars(wanted.order_by(SubscriptionChange.id))]


def plays(payer: Payer, title_id: str) -> bool:
    headers = payer.viewer.headers | {"Idempotency-Key": "k"}
    return payer.api.post("/v1/playback-sessions", json={"title_id": title_id}, headers=headers).status_code == 201


def test_a_plan_is_paid_and_plays(payer: Payer, publish: Publish) -> None:
    made = publish()
    assert not plays(payer, made.title_id)
    payer.subscribe("standard")
    held: dict[str, Any] = payer.standing()
    assert (held["plan"]["slug"], held["state"], held["playable"], held["paid"]) == ("standard", "active", True, True)
    assert held["price"] == {"currency": "USD", "amount": 1299}
    assert held["renews_at"] is not None
    assert held["cancels_at"] is None
    assert payments(payer) == [("paid", 1299, "standard")]
    assert payer.mails() == ["subscribed"]
    assert plays(payer, made.title_id)


def test_back_from_the_page_it_is_known_though_no_report_came(payer: Payer) -> None:
    payer.billing.pay(payer.check_out())
    payer.billing.take_events()  # lost
    assert payer.standing()["state"] is None
    assert payer.call("POST", "/refresh").json()["state"] == "active"


@pytest.mark.parametrize(
    ("actions", "state", "playable", "mails"),
    [
        ([("renew", "")], "active", True, ["subscribed"]),
        ([("card", "declines"), ("renew", "")], "past_due", True, ["subscribed", "payment-failed"]),
        (
            [("card", "declines"), ("renew", ""), ("card", "works"), ("retry", "")],
            "active",
            True,
            ["subscribed", "payment-failed", "payment-received"],
        ),
        (
            [("card", "declines"), ("renew", ""), ("fail-all", "")],
            "unpaid",
            False,
            ["subscribed", "payment-failed", "playback-stopped"],
        ),
        ([("cancel", "")], "canceled", False, ["subscribed", "plan-ended"]),
        ([("cancel-at-end", "yes"), ("renew", "")], "canceled", False, ["subscribed", "plan-ended"]),
        ([("cancel-at-end", "yes"), ("cancel-at-end", "no"), ("renew", "")], "active", True, ["subscribed"]),
        (
            [("card", "declines"), ("renew", ""), ("cancel", "")],
            "canceled",
            False,
            ["subscribed", "payment-failed", "plan-ended"],
        ),
    ],
    ids=["renewed", "failed", "recovered", "given up", "cancelled", "ended", "kept", "cancelled while due"],
)
def test_what_happens_at_the_provider_holds_here(
    payer: Payer, actions: list[tuple[str, str]], state: str, playable: bool, mails: list[str]
) -> None:
    payer.subscribe()
    for action, value in actions:
        payer.act(action, value)
    held = payer.standing()
    assert (held["state"], held["playable"]) == (state, playable)
    assert payer.mails() == mails
    assert (held["retry_at"] is not None) == (state == "past_due")
    for was, then in changes(payer):
        assert State(then) in transitions.TRANSITIONS[State(was) if was else None], (was, then)


def test_a_plan_that_ended_is_paid_again(payer: Payer) -> None:
    payer.subscribe()
    payer.act("cancel")
    payer.subscribe("premium")
    assert (payer.standing()["state"], payer.standing()["plan"]["slug"]) == ("active", "premium")
    assert [state for _, state, _ in payments(payer)] == [799, 1799]


def test_a_trial_goes_on_until_its_end_and_only_then_costs(payer: Payer) -> None:
    assert payer.call("POST", "/trial", json={"plan": "basic"}).status_code == 201
    ends_at = payer.standing()["ends_at"]
    with pytest.raises(Refused, match="declined"):
        payer.billing.pay(session := payer.check_out(), "declines")
    payer.deliver()
    assert payer.standing()["playable"]
    payer.billing.pay(session)
    payer.deliver()
    held = payer.standing()
    assert (held["state"], held["ends_at"][:19], held["paid"]) == ("trialing", ends_at[:19], True)
    assert payments(payer) == []
    payer.act("end-trial")
    assert (payer.standing()["state"], payments(payer)) == ("active", [("paid", 799, "basic")])


def test_a_card_that_needs_the_bank(payer: Payer) -> None:
    session = payer.check_out()
    assert payer.billing.pay(session, "confirm") == "confirm"
    payer.deliver()
    assert (payer.standing()["state"], payer.standing()["playable"]) == ("incomplete", False)
    payer.billing.confirm(session)
    payer.deliver()
    assert payer.standing()["state"] == "active"


def test_a_second_plan_is_not_sold_but_changed(payer: Payer) -> None:
    payer.subscribe()
    assert_problem(payer.call("POST", "/checkout", json={"plan": "premium"}), 409, "conflict")
    told = payer.call("GET", "/change", params={"plan": "premium"}).json()
    assert payer.call("POST", "/change", json={"plan": "premium"}).json()["plan"]["slug"] == "premium"
    assert told["amount"] == payments(payer)[-1][1] == 1000  # at once, so the whole difference
    less = payer.call("GET", "/change", params={"plan": "basic"}).json()
    assert less["amount"] == -1000
    assert_problem(payer.call("POST", "/change", json={"plan": "premium"}), 409, "conflict")
    assert_problem(payer.call("POST", "/change", json={"plan": "none-such"}), 404, "not-found")


def test_a_change_that_is_not_paid_changes_nothing(payer: Payer) -> None:
    payer.subscribe()
    payer.act("card", "declines")
    assert_problem(payer.call("POST", "/change", json={"plan": "premium"}), 402, "payment-failed")
    payer.deliver()
    assert (payer.standing()["plan"]["slug"], payer.standing()["state"]) == ("basic", "active")


def test_the_member_ends_the_plan_and_keeps_it_after_all(payer: Payer) -> None:
    payer.subscribe()
    ended = payer.call("PUT", "/cancellation").json()
    assert ended["cancels_at"] == ended["renews_at"]
    assert ended["playable"]
    assert payer.call("DELETE", "/cancellation").json()["cancels_at"] is None


def test_an_earlier_page_is_closed(payer: Payer) -> None:
    first = payer.check_out()
    second = payer.check_out("premium")
    with pytest.raises(Refused, match="expired"):
        payer.billing.pay(first)
    payer.billing.pay(second)


def test_invoices_hold_discounts_and_taxes_as_stated(payer: Payer, monkeypatch: pytest.MonkeyPatch) -> None:
    from marquee.settings import settings

    monkeypatch.setenv("MARQUEE_STRIPE_TAX", "true")
    settings.cache_clear()
    payer.subscribe("standard", country="DE", promotion="WELCOME50")
    (invoice,) = payer.api.get("/v1/account/invoices", headers=payer.viewer.headers).json()["items"]
    (tax,) = invoice["taxes"]
    assert (invoice["state"], invoice["total"], invoice["discount"]) == ("paid", 649, 650)
    assert (tax["percentage"], tax["inclusive"], tax["amount"]) == ("19", True, 104)
    assert payments(payer) == [("paid", 649, "standard")]


def test_a_refund_reaches_the_books(payer: Payer) -> None:
    payer.subscribe()
    payer.act("refund")
    assert payments(payer) == [("refunded", 799, "basic")]
    assert payer.standing()["playable"]


@pytest.mark.parametrize("extra", [{"state": "active"}, {"amount": 1}, {"price": "free"}, {"currency": "JPY"}])
def test_nobody_sets_what_it_costs(payer: Payer, extra: dict[str, Any]) -> None:
    assert_problem(payer.call("POST", "/checkout", json={"plan": "basic", **extra}), 422, "invalid-input")
    assert_problem(payer.call("POST", "/change", json={"plan": "basic", **extra}), 422, "invalid-input")


def test_without_a_confirmed_address_nothing_is_sold(payer: Payer) -> None:
    from tests.households import household

    unconfirmed = Payer(payer.api, payer.billing, household(plan=None, verified=False))
    assert_problem(unconfirmed.call("POST", "/checkout", json={"plan": "basic"}), 403, "email-not-verified")
