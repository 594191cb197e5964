"""Gathers what the insights page shows: figures, words and plots."""

from dataclasses import dataclass

from markupsafe import Markup

from marquee.viewing.insights import figures, formatting
from marquee.viewing.insights.figures import Headline
from marquee.viewing.insights.plots import Plot, Series, draw, interval
from marquee.viewing.insights.reading import Marts, Row, opened

PERCENTS = [f"{percent} %" for percent in range(100)]


@dataclass(frozen=True)
class TitleView:
    """One title: figures, completion curve with drop-off points, and what its viewers watch as well.

    `found` is false when nobody has watched it.
    """

    title_id: int
    found: bool
    engagement: Row
    curve: Markup | None
    drops: list[Row]
    together: list[Row]


@dataclass(frozen=True)
class View:
    """The page. Lists are empty where a mart has not been built or has no rows."""

    about: dict[str, str]
    simulated: float  # share of the playbacks counted
    headlines: list[Headline]
    audience: list[Markup]
    titles: list[Row]
    title: TitleView | None
    quality: list[Markup]
    quality_by: dict[str, list[Row]]
    retention: list[Row]
    weeks: int
    funnel: list[tuple[str, int, float]]
    misses: list[Row]
    most_played: list[Row]
    rising: list[Row]
    experiments: list[Row]
    revenue: list[Row]
    churn: list[Row]
    trials: list[Row]

    @property
    def empty(self) -> bool:
        """Nothing has been built yet."""
        return not self.about and not self.headlines


def view(title_id: int | None = None) -> View:
    """Everything, of the marts as they are now; of one title in particular when it is chosen."""
    with opened() as marts:
        told, cohorts = figures.about(marts), figures.retention(marts)
        return View(
            about=told,
            simulated=float(told.get("simulated_share") or 0),
            headlines=figures.headlines(marts),
            audience=_audience(figures.audience(marts)),
            titles=figures.titles(marts),
            title=None if title_id is None else _title(marts, title_id),
            quality=_quality(figures.quality(marts)),
            quality_by={name: figures.quality_by(marts, name) for name in figures.QOE_BY},
            retention=cohorts,
            weeks=1 + max((week for row in cohorts for week in row["rates"]), default=-1),
            funnel=_funnel(figures.funnel(marts)),
            misses=figures.misses(marts),
            most_played=figures.most_played(marts),
            rising=figures.rising(marts),
            experiments=_experiments(figures.experiments(marts)),
            revenue=figures.revenue(marts),
            churn=figures.churn(marts),
            trials=figures.trials(marts),
        )


def _audience(rows: list[Row]) -> list[Markup]:
    if not rows:
        return []
    days = [formatting.day(row["dt"]) for row in rows]
    active = [
        Series(name, [row[column] for row in rows])
        for name, column in (("in 28 days", "mau"), ("in 7 days", "wau"), ("on the day", "dau"))
    ]
    plays = [Series("plays", [row["plays"] for row in rows], bars=True)]
    return [
        draw(Plot("Viewers", days, active, formatting.short)),
        draw(Plot("Plays a day", days, plays, formatting.short)),
    ]


def _quality(rows: list[Row]) -> list[Markup]:
    if not rows:
        return []
    days = [formatting.day(row["dt"]) for row in rows]

    def series(*named: tuple[str, str]) -> list[Series]:
        return [Series(name, [row[column] for row in rows]) for name, column in named]

    start = series(("half of the starts", "p50_s"), ("95 of 100", "p95_s"))
    lost = series(("left before it", "exits"), ("failed", "failures"))
    return [
        draw(Plot("Time to the first frame, within", days, start, formatting.axis_seconds)),
        draw(
            Plot("Rebuffering, of playing time", days, series(("rebuffering", "rebuffering")), formatting.axis_percent)
        ),
        draw(Plot("Attempts without a first frame", days, lost, formatting.axis_percent)),
    ]


def _title(marts: Marts, title_id: int) -> TitleView:
    engagement, curve = figures.engagement(marts, title_id), figures.curve(marts, title_id)
    places = figures.drops(curve)
    return TitleView(
        title_id=title_id,
        found=bool(engagement),
        engagement=engagement,
        curve=_curve(curve, places) if curve else None,
        drops=[row for row in curve if row["percent"] in places],
        together=figures.together(marts, title_id),
    )


def _curve(rows: list[Row], places: list[int]) -> Markup:
    """Share of sessions that watched each percent, and the share of sessions that ended there."""
    ended = sum(row["drop_offs"] for row in rows)
    by_percent = {row["percent"]: row for row in rows}
    full = [by_percent.get(percent, {"share": 0.0, "drop_offs": 0}) for percent in range(100)]
    watched = Series("watched", [row["share"] for row in full])
    left = Series("left here", [row["drop_offs"] / ended if ended else 0.0 for row in full], bars=True)
    marks = [(place, str(nth)) for nth, place in enumerate(places, 1)]
    title, axis = "Sessions along the title", "place in the title"
    return draw(Plot(title, PERCENTS, [watched, left], formatting.axis_percent, axis=axis, top=1.0, marks=marks))


def _funnel(row: Row) -> list[tuple[str, int, float]]:
    """Each step: its name, how many, and the share of all searches."""
    if not row or not row["searches"]:
        return []
    steps = (("Searches", "searches"), ("found something", "with_results"), ("a title opened", "selected"),
             ("and played", "played"))  # fmt: skip
    return [(name, int(row[column]), float(row[column] / row["searches"])) for name, column in steps]


def _experiments(rows: list[Row]) -> list[Row]:
    """Rows with their interval drawn, on one scale."""
    top = max((row["high"] for row in rows), default=1.0) or 1.0
    return [row | {"drawn": interval(row["low"], row["rate"], row["high"], top, _told(row))} for row in rows]


def _told(row: Row) -> str:
    rate, low, high = (formatting.percent(row[name]) for name in ("rate", "low", "high"))
    return f"{row['arm']}: {rate}, from {low} to {high}"
