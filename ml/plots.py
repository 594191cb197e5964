"""Plots of a night's candidates, drawn without a screen."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ml.evaluate import Evaluation

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Curves = Mapping[str, list[tuple[int, float]]]  # by name: step and value
COLOURS = ("#2a6f97", "#e07a5f", "#81b29a", "#b08968", "#6d597a", "#f2cc8f", "#577590", "#9a031e")
MARKS = ("o", "D")


def _figure(width: float, height: float, columns: int = 1) -> "tuple[Figure, list[Axes]]":
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    axes = figure.subplots(1, columns, squeeze=False)[0]
    for axis in axes:
        axis.spines[["top", "right"]].set_visible(False)
        axis.grid(axis="both", alpha=0.25)
    return figure, list(axes)


def comparison(found: Mapping[str, Evaluation]) -> "Figure":
    """nDCG and recall of each candidate with its 95 % interval, best at the top."""
    names = sorted(found, key=lambda name: found[name].mean().value)
    figure, axes = _figure(11, 1.2 + 0.42 * len(names), 2)
    for axis, metric in zip(axes, ("ndcg", "recall"), strict=True):
        for place, name in enumerate(names):
            mean = found[name].mean(metric)
            error = [[mean.value - mean.low], [mean.high - mean.value]]
            axis.errorbar(mean.value, place, xerr=error, fmt="o", capsize=4, color=_colour(name))
        axis.set_yticks(range(len(names)), names)
        axis.set_xlabel(f"{_label(metric, found)} with its 95 % interval")
    return figure


def cohorts(found: Mapping[str, Evaluation]) -> "Figure":
    """nDCG by cohort of viewers: a bar per candidate, with intervals."""
    names = list(found)
    masks = next(iter(found.values())).cohorts if found else {}
    groups = [None, *(cohort for cohort, mask in masks.items() if mask.any())]
    figure, (axis,) = _figure(11, 4.5)
    width = 0.8 / max(len(names), 1)
    for place, name in enumerate(names):
        means = [found[name].mean("ndcg", group) for group in groups]
        errors = [[m.value - m.low for m in means], [m.high - m.value for m in means]]
        at = [group + place * width for group in range(len(groups))]
        axis.bar(at, [m.value for m in means], width, yerr=errors, capsize=2, color=COLOURS[place % 8], label=name)
    labels = [f"{group or 'all'}\n{_size(found, group)} viewers" for group in groups]
    axis.set_xticks([group + 0.4 - width / 2 for group in range(len(groups))], labels)
    axis.set_ylabel(_label("ndcg", found))
    axis.legend(fontsize=8, ncols=4, loc="lower center", bbox_to_anchor=(0.5, 1.0), frameon=False)
    return figure


def coverage(found: Mapping[str, Evaluation]) -> "Figure":
    """How much of the catalogue is recommended, and how far towards what is popular anyway."""
    figure, axes = _figure(11, 4.2, 2)
    for place, (name, evaluation) in enumerate(found.items()):
        value = evaluation.mean().value
        for axis, across in zip(axes, (evaluation.coverage, evaluation.popularity_bias), strict=True):
            axis.scatter(across, value, s=70, color=COLOURS[place % 8], marker=MARKS[place % 2], label=name)
    for axis, label in zip(axes, ("share of titles recommended", "popularity of what is recommended"), strict=True):
        axis.set_xlabel(label)
        axis.set_ylabel(_label("ndcg", found))
    axes[0].legend(fontsize=8, ncols=4, loc="lower left", bbox_to_anchor=(0, 1.0), frameon=False)
    return figure


def learning(curves: Curves) -> "Figure":
    """Values by epoch, a panel for each: models differ in scale and length."""
    figure, axes = _figure(5.5 * max(len(curves), 1), 4.2, max(len(curves), 1))
    for axis, (name, points) in zip(axes, curves.items(), strict=False):
        _line(axis, name, points, COLOURS[0])
        axis.set_xlabel("epoch")
        axis.set_ylabel(name)
    return figure


def lines(curves: Curves, across: str, up: str) -> "Figure":
    """Values by step, a line for each name."""
    figure, (axis,) = _figure(8, 4.2)
    for place, (name, points) in enumerate(curves.items()):
        _line(axis, name, points, COLOURS[place % 8])
    axis.set_xlabel(across)
    axis.set_ylabel(up)
    axis.legend(fontsize=8, frameon=False)
    return figure


def _line(axis: "Axes", name: str, points: list[tuple[int, float]], colour: str) -> None:
    axis.plot(*zip(*points, strict=True), marker="o", markersize=4, label=name, color=colour)
    axis.xaxis.get_major_locator().set_params(integer=True)


def _label(metric: str, found: Mapping[str, Evaluation]) -> str:
    k = next(iter(found.values())).k if found else 10
    return f"{ {'ndcg': 'nDCG'}.get(metric, metric) }@{k}"


def _size(found: Mapping[str, Evaluation], group: str | None) -> int:
    first = next(iter(found.values()))
    return len(first.rows) if group is None else int(first.cohorts[group].sum())


def _colour(name: str) -> str:
    return COLOURS[1] if name == "champion" else COLOURS[0]
