"""Charts from the marts, as the catalogue takes them."""

from typing import TypedDict

from marquee.contracts.rows import Chart
from marquee.viewing.warehouse.reading import connect

VALUES = {Chart.TOP10: "plays", Chart.TRENDING: "score", Chart.GEMS: "score", Chart.LEAVING: "until_ms"}


class Entry(TypedDict):
    """A place in a chart; `rank` from 1, `territory` "*" for the world, `value` what the chart is ranked by."""

    chart: str
    territory: str
    rank: int
    title_id: int
    value: float


def entries() -> list[Entry]:
    """Every place in every chart of the published warehouse. Raises NotFound before the first build."""
    with connect() as connection:
        found: list[Entry] = []
        for chart, value in VALUES.items():
            query = f'SELECT territory, "rank", title_id, {value} FROM main.{chart.value} ORDER BY ALL'  # noqa: S608
            for territory, rank, title_id, ranked_by in connection.execute(query).fetchall():
                place = Entry(
                    chart=chart.value, territory=territory, rank=rank, title_id=title_id, value=float(ranked_by)
                )
                found.append(place)
        return found
