"""Charts: lists that are the same for everybody, from the marts to where the API reads them."""

from sqlalchemy import delete, insert

from marquee.catalogue.database import begin
from marquee.catalogue.models import ChartEntry, now
from marquee.logs import log
from marquee.viewing.warehouse.charts import entries


def load() -> int:
    """Replace all charts by those of the published marts, in one transaction; returns the number of entries."""
    made = now()
    rows = [{**entry, "made_at": made} for entry in entries()]
    with begin() as session:
        session.execute(delete(ChartEntry))
        if rows:
            session.execute(insert(ChartEntry), rows)
    log.info("charts", entries=len(rows))
    return len(rows)
