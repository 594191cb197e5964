"""Prices of the settings, so that rules and panels reckon with them."""

from collections.abc import Iterator

from prometheus_client import Metric

from marquee.monitoring.parts import gauge
from marquee.settings import settings


def read() -> Iterator[Metric]:
    """`marquee_price{of}`."""
    price = gauge("price", "In the operator's currency", "of")
    price.add_metric(["core_hour"], settings().price_core_hour)
    price.add_metric(["gb_delivered"], settings().price_gb_delivered)
    yield price
