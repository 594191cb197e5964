"""Draws plots as inline SVG in percent of their box, readable at every width.

The words of the axes are HTML beside the drawing. Everything that comes from outside is escaped by Markup.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

TICKS = 4
Number = float | int
Format = Callable[[float], str]


@dataclass(frozen=True)
class Series:
    """A named row of values, one per place along the axis; None where there is none. Drawn as line or bars."""

    name: str
    values: Sequence[Number | None]
    bars: bool = False


@dataclass(frozen=True)
class Plot:
    """What a plot shows: `labels` name the places along the axis, `marks` are places to point at, with a word each."""

    title: str
    labels: Sequence[str]
    series: Sequence[Series]
    form: Format
    axis: str = ""
    top: float | None = None  # of the scale; by default what the values ask for
    marks: Sequence[tuple[int, str]] = ()


def draw(plot: Plot) -> Markup:
    """The figure: caption with legend, drawing, axes."""
    top = plot.top or _top(plot.series)
    return Markup(
        '<figure class="plot"><figcaption>{}{}</figcaption><div class="box">'
        '<div class="ys" aria-hidden="true">{}</div><div class="area">'
        '<svg viewBox="0 0 100 100" preserveAspectRatio="none" role="img"><title>{}</title>{}</svg>{}</div>'
        '<div class="xs" aria-hidden="true">{}</div></div>{}</figure>'
    ).format(
        plot.title,
        _legend(plot.series),
        _levels(top, plot.form),
        _summary(plot),
        _join([*_grid(), *_drawn(plot, top), *_hints(plot)]),
        _marks(plot),
        _places(plot.labels),
        Markup('<p class="axis">{}</p>').format(plot.axis) if plot.axis else "",
    )


def _join(parts: Sequence[Markup]) -> Markup:
    return Markup("").join(parts)


def _top(series: Sequence[Series]) -> float:
    """A round number not below any value, a multiple of the ticks; whole where all values are."""
    values = [float(value) for row in series for value in row.values if value is not None]
    largest, whole = max(values, default=0.0), all(value.is_integer() for value in values)
    if largest <= (TICKS if whole else 0):
        return float(TICKS) if whole else 1.0
    unit = 10 ** math.floor(math.log10(largest / TICKS))
    step = next(unit * factor for factor in (1, 2, 2.5, 5, 10) if unit * factor * TICKS >= largest * (1 - 1e-9))
    return float(step * TICKS)


def _x(place: float, count: int) -> float:
    return (place + 0.5) / max(count, 1) * 100


def _y(value: float, top: float) -> float:
    return 100 - min(max(value / top, 0.0), 1.0) * 100


def _grid() -> list[Markup]:
    line = Markup('<line class="grid" x1="0" x2="100" y1="{0}" y2="{0}"/>')
    return [line.format(f"{100 * level / TICKS:g}") for level in range(TICKS + 1)]


def _drawn(plot: Plot, top: float) -> list[Markup]:
    count = len(plot.labels)
    return [
        _bars(row.values, count, top, nth) if row.bars else _line(row.values, count, top, nth)
        for nth, row in sorted(enumerate(plot.series), key=lambda pair: not pair[1].bars)
    ]


def _line(values: Sequence[Number | None], count: int, top: float, nth: int) -> Markup:
    """A path that is broken where values are missing; a value alone is a short stroke."""
    path, pen = [], "M"
    for place, value in enumerate(values):
        if value is None:
            pen = "M"
            continue
        x, y = f"{_x(place, count):.2f}", f"{_y(float(value), top):.2f}"
        path.append(f"{pen}{x} {y}" if pen == "L" else f"M{x} {y}h.01")
        pen = "L"
    return Markup('<path class="line s{}" d="{}"/>').format(nth, "".join(path))


def _bars(values: Sequence[Number | None], count: int, top: float, nth: int) -> Markup:
    bar = Markup('<rect class="bar s{}" x="{:.2f}" y="{:.2f}" width="{:.2f}" height="{:.2f}"/>')
    width = 100 / max(count, 1)
    return _join(
        [
            bar.format(nth, (place + 0.15) * width, _y(float(value), top), width * 0.7, 100 - _y(float(value), top))
            for place, value in enumerate(values)
            if value
        ]
    )


def _hints(plot: Plot) -> list[Markup]:
    """An unseen rectangle per place that tells its values to a pointer that rests on it."""
    hint = Markup('<rect class="hint" x="{:.2f}" y="0" width="{:.2f}" height="100"><title>{}</title></rect>')
    width = 100 / max(len(plot.labels), 1)
    return [
        hint.format(place * width, width, f"{label}: {_told(plot, place)}") for place, label in enumerate(plot.labels)
    ]


def _told(plot: Plot, place: int) -> str:
    values = [(row.name, row.values[place]) for row in plot.series]
    return ", ".join(f"{name} {'–' if value is None else plot.form(float(value))}" for name, value in values)


def _summary(plot: Plot) -> str:
    """What one who does not see the drawing is told: the first and the last place."""
    if not plot.labels:
        return plot.title
    last = len(plot.labels) - 1
    return f"{plot.title}. {plot.labels[0]}: {_told(plot, 0)}. {plot.labels[last]}: {_told(plot, last)}."


def _legend(series: Sequence[Series]) -> Markup:
    if len(series) < 2:
        return Markup("")
    item = Markup('<span class="key"><i class="s{}{}"></i>{}</span>')
    return Markup('<span class="legend">{}</span>').format(
        _join([item.format(nth, " block" if row.bars else "", row.name) for nth, row in enumerate(series)])
    )


def _levels(top: float, form: Format) -> Markup:
    label = Markup('<span style="top: {:g}%">{}</span>')
    return _join([label.format(100 - 100 * level / TICKS, form(top * level / TICKS)) for level in range(TICKS + 1)])


def _places(labels: Sequence[str]) -> Markup:
    """Up to five words along the axis."""
    count = len(labels)
    step = max(1, math.ceil(count / 5))
    label = Markup('<span style="left: {:.2f}%">{}</span>')
    return _join([label.format(_x(place, count), labels[place]) for place in range(0, count, step)])


def _marks(plot: Plot) -> Markup:
    mark = Markup('<span class="mark" style="left: {:.2f}%"><b>{}</b></span>')
    return _join([mark.format(_x(place, len(plot.labels)), word) for place, word in plot.marks])


def interval(low: float, value: float, high: float, top: float, told: str) -> Markup:
    """A value with its interval on a scale from 0 to `top`."""
    x = [100 - _y(place, top) for place in (low, value, high)]
    return Markup(
        '<svg class="interval" viewBox="0 0 100 10" preserveAspectRatio="none" role="img"><title>{}</title>'
        '<line class="grid" x1="0" x2="100" y1="5" y2="5"/>'
        '<line class="line s0" x1="{:.2f}" x2="{:.2f}" y1="5" y2="5"/>'
        '<line class="at" x1="{:.2f}" x2="{:.2f}" y1="1" y2="9"/></svg>'
    ).format(told, x[0], x[2], x[1], x[1])
