"""Amounts: prorations, credits, discounts, taxes, previews; and periods without gaps."""

from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest
import stripe

from tests.api.billing_sandbox.conftest import JANUARY_31, MakeMember, Member

DAY = 86_400
HOUR = 3600


def amounts(invoice: Any) -> list[int]:
    return [line.amount for line in invoice.lines.data]


def assert_laws(invoice: Any) -> None:
    """What holds for every invoice."""
    off = sum(part.amount for part in invoice.total_discount_amounts)
    on_top = sum(tax.amount for tax in invoice.total_taxes if tax.tax_behavior == "exclusive")
    assert sum(amounts(invoice)) == invoice.subtotal
    assert invoice.subtotal - off + on_top == invoice.total
    assert off == sum(part.amount for line in invoice.lines.data for part in line.discount_amounts)
    if invoice.status != "draft":
        applied = invoice.ending_balance - invoice.starting_balance
        assert invoice.total - applied == invoice.amount_due
        assert invoice.amount_due >= 0
    for tax in invoice.total_taxes:
        parts = [each for line in invoice.lines.data for each in line.taxes]
        assert tax.amount == sum(each.amount for each in parts)


def test_an_upgrade_is_charged_by_the_second(member: Member) -> None:
    member.subscribe()
    member.advance(14 * DAY)  # half of 28 days
    member.change("standard", proration_behavior="always_invoice")
    invoice = member.invoices()[0]
    assert amounts(invoice) == [-400, 650]  # halves of 7.99 and 12.99 EUR, rounded away from zero
    assert (invoice.total, invoice.status, invoice.billing_reason) == (250, "paid", "subscription_update")
    assert member.charges()[0].amount == 250
    assert all(line.parent.subscription_item_details.proration for line in invoice.lines.data)
    assert_laws(invoice)
    member.advance(14 * DAY + HOUR)
    assert amounts(member.invoices()[0]) == [1299]


def test_a_downgrade_becomes_a_credit_that_the_next_invoice_uses(member: Member) -> None:
    member.subscribe("standard")
    member.advance(14 * DAY)
    member.change("basic", proration_behavior="always_invoice")
    invoice = member.invoices()[0]
    assert (invoice.total, invoice.amount_due, invoice.ending_balance, invoice.status) == (-250, 0, -250, "paid")
    assert member.v1.customers.retrieve(member.id).balance == -250
    assert len(member.charges()) == 1
    member.advance(14 * DAY + HOUR)
    renewed = member.invoices()[0]
    assert (renewed.total, renewed.amount_due, renewed.starting_balance, renewed.ending_balance) == (799, 549, -250, 0)
    assert member.charges()[0].amount == 549
    assert_laws(renewed)


@pytest.mark.parametrize("behaviour", ["create_prorations", "always_invoice"])
@pytest.mark.parametrize("code", ["", "WELCOME50"])
def test_there_and_back_at_the_same_second_costs_nothing(member: Member, behaviour: str, code: str) -> None:
    member.subscribe(checkout={"allow_promotion_codes": True}, promotion=code)
    member.advance(9 * DAY + 12_345)
    before = sum(charge.amount for charge in member.charges())
    member.change("standard", proration_behavior=behaviour)
    member.change("basic", proration_behavior=behaviour)
    charged = sum(charge.amount for charge in member.charges()) - before
    assert charged + member.v1.customers.retrieve(member.id).balance == 0
    if behaviour == "create_prorations":
        preview = member.v1.invoices.create_preview({"subscription": member.subscription().id})
        assert sum(amounts(preview)[:-1]) == 0
        assert amounts(preview)[-1] == 799


def test_no_proration_where_none_is_wanted(member: Member) -> None:
    member.subscribe()
    member.advance(14 * DAY)
    member.change("standard", proration_behavior="none")
    assert len(member.invoices()) == 1
    member.advance(14 * DAY + HOUR)
    assert amounts(member.invoices()[0]) == [1299]


def test_a_preview_is_what_the_change_then_costs_and_changes_nothing(member: Member) -> None:
    subscription = member.subscribe()
    member.advance(5 * DAY + 7)
    member.took()
    items = [{"id": subscription["items"].data[0].id, "price": member.prices["standard"]}]
    asked: dict = {"items": items, "proration_behavior": "always_invoice", "proration_date": member.now}
    told = member.v1.invoices.create_preview(
        {"customer": member.id, "subscription": subscription.id, "subscription_details": asked}
    )
    assert told.id.startswith("upcoming_in_")
    assert (len(member.invoices()), member.took(), member.subscription()["items"].data[0].price.unit_amount) == (
        1,
        [],
        799,
    )
    later = {**asked, "proration_behavior": "create_prorations"}
    renewal = member.v1.invoices.create_preview({"subscription": subscription.id, "subscription_details": later})
    assert amounts(renewal) == [*amounts(told), 1299]
    member.advance(100)
    member.change("standard", proration_behavior="always_invoice", proration_date=member.now - 100)
    assert amounts(member.invoices()[0]) == amounts(told)
    assert member.invoices()[0].amount_due == told.amount_due


def test_a_change_that_cannot_be_paid(member: Member) -> None:
    member.subscribe(card="once")
    member.advance(DAY)
    member.took()
    with pytest.raises(stripe.CardError):
        member.change("standard", proration_behavior="always_invoice", payment_behavior="error_if_incomplete")
    assert member.subscription()["items"].data[0].price.unit_amount == 799
    assert member.took() == []
    changed = member.change("standard", proration_behavior="always_invoice")
    assert (changed.status, changed["items"].data[0].price.unit_amount) == ("past_due", 1299)


def test_another_interval_begins_a_new_period(member: Member) -> None:
    member.subscribe()
    member.advance(14 * DAY)
    changed = member.change("year")
    assert changed["items"].data[0].current_period_start == changed.billing_cycle_anchor == member.now
    assert amounts(member.invoices()[0]) == [-400, 7999]


def test_a_trial_changes_its_plan_for_nothing(member: Member) -> None:
    member.subscribe(checkout={"subscription_data": {"trial_period_days": 30}})
    member.change("standard", proration_behavior="always_invoice")
    member.advance(30 * DAY + HOUR)
    assert [invoice.total for invoice in member.invoices()] == [1299, 0]


def test_half_off_the_first_invoice_alone(member: Member) -> None:
    member.subscribe(checkout={"allow_promotion_codes": True}, promotion="welcome50")
    first = member.invoices()[0]
    assert (first.subtotal, first.total_discount_amounts[0].amount, first.total) == (799, 400, 399)
    assert_laws(first)
    assert member.subscription().discounts == []
    member.advance(31 * DAY)
    assert member.invoices()[0].total == 799


def test_half_off_waits_for_the_end_of_the_trial(member: Member) -> None:
    trial: Any = {"subscription_data": {"trial_period_days": 30}}
    member.subscribe(checkout=trial, promotion="WELCOME50")
    member.advance(30 * DAY + HOUR)
    assert [invoice.total for invoice in member.invoices()] == [399, 0]


def test_a_credit_is_never_more_than_the_period_has_cost(member: Member) -> None:
    member.subscribe("standard", promotion="WELCOME50")  # for 6.49
    member.change("basic", proration_behavior="always_invoice")
    assert member.v1.customers.retrieve(member.id).balance == -(649 - 399)


@pytest.mark.parametrize(("coupon", "totals"), [
    ({"percent_off": 25, "duration": "repeating", "duration_in_months": 2}, [599, 599, 799]),
    ({"amount_off": 500, "currency": "eur", "duration": "forever"}, [299, 299, 299]),
    ({"percent_off": 100, "duration": "once"}, [0, 799, 799]),
])  # fmt: skip
def test_coupons_last_as_long_as_they_say(member: Member, coupon: dict, totals: list[int]) -> None:
    made = member.v1.coupons.create(coupon)
    member.v1.promotion_codes.create({"promotion": {"type": "coupon", "coupon": made.id}, "code": "LESS"})
    subscription = member.subscribe(promotion="less")
    assert subscription.status == "active"
    member.advance(29 * DAY)
    member.advance(31 * DAY)
    assert [invoice.total for invoice in reversed(member.invoices())] == totals
    assert [charge.amount for charge in reversed(member.charges())] == [total for total in totals if total]
    for invoice in member.invoices():
        assert_laws(invoice)


def test_a_code_that_is_used_up(make_member: MakeMember) -> None:
    first, second = make_member(), make_member()
    coupon = first.v1.coupons.create({"percent_off": 10, "duration": "once"})
    code: Any = {"promotion": {"type": "coupon", "coupon": coupon.id}, "code": "ONE", "max_redemptions": 1}
    first.v1.promotion_codes.create(code)
    first.subscribe(promotion="ONE")
    for wrong in ("ONE", "NONE", "' or 1=1"):
        with pytest.raises(Exception, match="code is invalid"):
            second.subscribe(promotion=wrong)
    assert second.v1.subscriptions.list({"customer": second.id, "status": "all"}).data == []


def test_taxes_within_the_price(member: Member) -> None:
    member.subscribe(checkout={"automatic_tax": {"enabled": True}})
    invoice = member.invoices()[0]
    (tax,) = invoice.total_taxes
    assert (invoice.total, tax.amount, tax.taxable_amount, invoice.total_excluding_tax) == (799, 128, 671, 671)
    rate = member.v1.tax_rates.retrieve(tax.tax_rate_details.tax_rate)
    assert (rate.country, rate.percentage, rate.inclusive) == ("DE", 19.0, True)
    member.change("standard", proration_behavior="always_invoice")
    assert_laws(member.invoices()[0])
    assert member.invoices()[0].automatic_tax.status == "complete"


def test_taxes_on_top_of_the_price(member: Member) -> None:
    member.subscribe("net", checkout={"automatic_tax": {"enabled": True}})
    invoice = member.invoices()[0]
    assert (invoice.subtotal, invoice.total, invoice.total_taxes[0].amount) == (1000, 1190, 190)
    assert_laws(invoice)


def test_taxes_need_a_country(make_member: MakeMember) -> None:
    member = make_member(country="")
    taxed: Any = {"automatic_tax": {"enabled": True}}
    with pytest.raises(stripe.InvalidRequestError) as refused:
        member.checkout(**taxed)
    assert refused.value.code == "customer_tax_location_invalid"
    session = member.checkout(**taxed, customer_update={"address": "auto"})
    with pytest.raises(Exception, match="Choose your country"):
        member.billing.pay(session.id)
    member.billing.pay(session.id, country="JP")
    assert member.v1.customers.retrieve(member.id).address.country == "JP"
    assert member.invoices()[0].total_taxes[0].amount == 73  # 10 % within 7.99


def test_yen_have_no_cents(make_member: MakeMember) -> None:
    member = make_member(country="JP")
    member.subscribe("yen", checkout={"automatic_tax": {"enabled": True}})
    invoice = member.invoices()[0]
    assert (invoice.total, invoice.currency, invoice.total_taxes[0].amount) == (890, "jpy", 81)
    with pytest.raises(stripe.InvalidRequestError, match="currency"):
        member.change("basic")


def test_periods_follow_each_other_and_keep_to_the_anchor(member: Member) -> None:
    member.subscribe()
    member.advance(800 * DAY)  # over a 29 February
    periods = [invoice.lines.data[-1].period for invoice in reversed(member.invoices())]
    assert [(p.start, p.end) for p in periods] == sorted((p.start, p.end) for p in periods)
    assert all(before.end == after.start for before, after in pairwise(periods))
    assert periods[0].start == JANUARY_31
    days = [datetime.fromtimestamp(p.start, UTC) for p in periods]
    assert [(d.month, d.day) for d in days[:5]] == [(1, 31), (2, 28), (3, 31), (4, 30), (5, 31)]
    assert (days[13].year, days[13].month, days[13].day) == (2028, 2, 29)
    assert len({invoice.number for invoice in member.invoices()}) == len(periods) == 27
    assert len(member.charges()) == 27
