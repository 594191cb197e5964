"""Taxes: VAT by the customer's country, from a small table of the sandbox."""

from decimal import Decimal

from api.billing_sandbox.amounts import divide, percentage
from api.billing_sandbox.store import Doc

# Standard rates in percent, as they stood in 2025. For trying out, no advice.
RATES = {
    "AT": "20",
    "BE": "21",
    "CH": "8.1",
    "DE": "19",
    "ES": "21",
    "FI": "25.5",
    "FR": "20",
    "GB": "20",
    "IE": "23",
    "IT": "22",
    "JP": "10",
    "NL": "21",
    "PT": "23",
}

COUNTRIES = {
    "AT": "Austria",
    "BE": "Belgium",
    "CH": "Switzerland",
    "DE": "Germany",
    "ES": "Spain",
    "FI": "Finland",
    "FR": "France",
    "GB": "United Kingdom",
    "IE": "Ireland",
    "IT": "Italy",
    "JP": "Japan",
    "NL": "Netherlands",
    "PT": "Portugal",
    "US": "United States",
}


def rate_id(country: str, behaviour: str) -> str:
    return f"txr_sandbox{country}{behaviour}"


def rate(country: str, behaviour: str) -> Doc:
    """The tax rate object of a country, with taxes within prices (`inclusive`) or on top (`exclusive`)."""
    sales_tax = "Consumption Tax" if country == "JP" else "VAT"
    return {
        "id": rate_id(country, behaviour),
        "object": "tax_rate",
        "active": True,
        "country": country,
        "created": 0,
        "description": None,
        "display_name": sales_tax,
        "effective_percentage": float(RATES[country]),
        "flat_amount": None,
        "inclusive": behaviour == "inclusive",
        "jurisdiction": country,
        "jurisdiction_level": "country",
        "livemode": False,
        "metadata": {},
        "percentage": float(RATES[country]),
        "rate_type": "percentage",
        "state": None,
        "tax_type": "jct" if country == "JP" else "vat",
    }


def of_amount(amount: int, country: str | None, behaviour: str) -> list[Doc]:
    """The taxes of a line after its discounts: within the amount, or on top. None where the table has no rate."""
    if country not in RATES:
        return []
    percent = RATES[country]
    kind = "exclusive" if behaviour == "exclusive" else "inclusive"
    tax = percentage(amount, percent) if kind == "exclusive" else _within(amount, percent)
    details = {"tax_rate": rate_id(country, kind)}
    return [
        {
            "amount": tax,
            "tax_behavior": kind,
            "tax_rate_details": details,
            "taxability_reason": "standard_rated",
            "taxable_amount": amount - (tax if kind == "inclusive" else 0),
            "type": "tax_rate_details",
        }
    ]


def _within(amount: int, percent: str) -> int:
    """The tax that an amount contains: what is left when the net amount is taken away."""
    tenths = int(Decimal(percent) * 10)
    return amount - divide(amount * 1000, 1000 + tenths)


def summed(lines: list[Doc]) -> list[Doc]:
    """The taxes of all lines, one entry for each rate."""
    totals: dict[str, Doc] = {}
    for tax in (tax for line in lines for tax in line["taxes"]):
        name = tax["tax_rate_details"]["tax_rate"]
        total = totals.setdefault(name, {**tax, "amount": 0, "taxable_amount": 0})
        total["amount"] += tax["amount"]
        total["taxable_amount"] += tax["taxable_amount"]
    return list(totals.values())
