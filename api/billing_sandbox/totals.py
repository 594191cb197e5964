"""What an invoice comes to: its lines less discounts, with taxes, and the customer's balance against it.

Laws: sum of lines - discounts + taxes on top = total; total + starting_balance - ending_balance = amount_due.
"""

from api.billing_sandbox import discounts, taxes
from api.billing_sandbox.amounts import spread
from api.billing_sandbox.store import Doc
from api.billing_sandbox.work import Work


def reckon(work: Work, invoice: Doc, discount_docs: list[Doc]) -> None:
    """Discounts, taxes and totals of a draft, from its lines."""
    lines = invoice["lines"]["data"]
    for line in lines:
        line.update(discount_amounts=[], discounts=[])
    invoice["discounts"] = [discount["id"] for discount in discount_docs]
    invoice["total_discount_amounts"] = [_take_off(work, lines, discount) for discount in discount_docs]
    country = _country(invoice)
    for line in lines:
        price = work.get("price", line["pricing"]["price_details"]["price"])
        line["taxes"] = taxes.of_amount(_net(line), country, price["tax_behavior"])
    _sum(invoice, lines)


def _country(invoice: Doc) -> str | None:
    """Where taxes are worked out at all."""
    if not invoice["automatic_tax"]["enabled"]:
        return None
    country = (invoice["customer_address"] or {}).get("country")
    invoice["automatic_tax"]["status"] = "complete" if country else "requires_location_inputs"
    return str(country) if country else None


def _take_off(work: Work, lines: list[Doc], discount: Doc) -> Doc:
    """Spread one discount over the lines that take discounts."""
    nets = [_net(line) if line["discountable"] else 0 for line in lines]
    total = discounts.taken_off(discounts.coupon_of(work, discount), sum(nets))
    for line, part in zip(lines, spread(total, nets), strict=True):
        if line["discountable"]:
            line["discount_amounts"].append({"amount": part, "discount": discount["id"]})
            line["discounts"].append(discount["id"])
    return {"amount": total, "discount": discount["id"]}


def _net(line: Doc) -> int:
    return int(line["amount"]) - sum(int(part["amount"]) for part in line["discount_amounts"])


def _sum(invoice: Doc, lines: list[Doc]) -> None:
    invoice["total_taxes"] = taxes.summed(lines)
    on_top = sum(tax["amount"] for tax in invoice["total_taxes"] if tax["tax_behavior"] == "exclusive")
    within = sum(tax["amount"] for tax in invoice["total_taxes"] if tax["tax_behavior"] == "inclusive")
    subtotal = sum(line["amount"] for line in lines)
    total = sum(map(_net, lines)) + on_top
    invoice.update(
        subtotal=subtotal,
        total=total,
        subtotal_excluding_tax=subtotal - within,
        total_excluding_tax=total - on_top - within,
    )
    set_due(invoice)


def set_due(invoice: Doc) -> None:
    """Set the balance against the total: a credit lowers what is due, a negative total becomes a credit."""
    owed = invoice["total"] + invoice["starting_balance"]
    invoice["amount_due"] = invoice["amount_remaining"] = max(0, owed)
