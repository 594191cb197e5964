"""What a title's own page shows of its audience: the last 28 days, from the marts."""

from dataclasses import dataclass
from datetime import date

from marquee.logs import log
from marquee.viewing.insights.figures import about
from marquee.viewing.insights.reading import Marts, opened

NEEDED = "content_performance title_daily"
RECENT = """
    SELECT p.plays_28d, p.viewers_28d, p.watched_s_28d, sum(d.plays) AS plays, sum(d.completions) AS completions
    FROM content_performance p LEFT JOIN title_daily d
        ON d.title_id = p.title_id AND d.dt BETWEEN ?::DATE - 27 AND ?::DATE
    WHERE p.title_id = ? GROUP BY ALL"""


@dataclass(frozen=True)
class TitleFigures:
    """Plays, viewers, watched seconds and the share of plays that came to the end, of 28 days up to a day.

    `completion` is None where nobody has played; `simulated` is the share of simulated playbacks in all marts.
    """

    until: date
    plays: int
    viewers: int
    watched_s: float
    completion: float | None
    simulated: float


def recent(title_id: int) -> TitleFigures | str:
    """The figures, or a sentence that says why there are none: no error of the warehouse is one of the page."""
    import duckdb

    try:
        with opened() as marts:
            return _recent(marts, title_id)
    except (OSError, duckdb.Error) as error:
        log.warning("figures of a title cannot be read", title_id=title_id, error=str(error).splitlines()[0])
        return "The warehouse cannot be read at the moment."


def _recent(marts: Marts, title_id: int) -> TitleFigures | str:
    told = about(marts)
    if not told.get("as_of") or not set(NEEDED.split()) <= marts.there:
        return "Nothing has been counted yet. Figures appear with the first run of the DAG viewing_marts."
    until = date.fromisoformat(told["as_of"])
    row = marts.row(NEEDED, RECENT, until, until, title_id)
    if not row:
        return "This title is not counted yet. Its figures appear with the next run of the DAG viewing_marts."
    return TitleFigures(
        until=until,
        plays=row["plays_28d"],
        viewers=row["viewers_28d"],
        watched_s=row["watched_s_28d"],
        completion=row["completions"] / row["plays"] if row["plays"] else None,
        simulated=float(told.get("simulated_share") or 0),
    )
