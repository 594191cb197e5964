"""Publishes charts from the marts to the catalogue."""

from marquee.catalogue import charts
from marquee.catalogue.database import begin
from marquee.logs import log
from marquee.viewing.warehouse.charts import entries


def load() -> int:
    """Replace all charts by those of the published marts, in one transaction; returns the number of entries."""
    rows = entries()
    with begin() as session:
        charts.replace(session, rows)
    log.info("charts", entries=len(rows))
    return len(rows)
