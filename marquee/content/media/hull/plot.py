"""Draws a searched ladder as an SVG document: VMAF over the rate, a panel per codec."""

import math
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from typing import NamedTuple

from marquee.contracts.ladder import LadderOutcome, Point
from marquee.contracts.plan import Codec

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 760, 420, 56, 150, 34, 42  # of a panel and its margins, in pixels
DECADES = tuple(step * 10**power for power in range(1, 6) for step in (1, 2, 5))  # kb/s, where the axis has lines
COLOURS = ("#1f77b4", "#d98200", "#2a9d3a", "#c43c39", "#7f5fb0", "#8a5a44", "#c2559d", "#6b6b6b")
STYLE = "text{font:12px sans-serif;fill:#222}.grid{stroke:#ddd}.hull{fill:none;stroke:#222;stroke-width:1.5}"


class Scale(NamedTuple):
    """From kb/s on a log scale and VMAF points to pixels of a panel."""

    low: float
    high: float

    def x(self, kbps: float) -> float:
        share = math.log(kbps / self.low) / math.log(self.high / self.low)
        return round(LEFT + share * (WIDTH - LEFT - RIGHT), 1)

    @staticmethod
    def y(vmaf: float) -> float:
        return round(TOP + (1 - vmaf / 100) * (HEIGHT - TOP - BOTTOM), 1)


def draw(found: LadderOutcome) -> str:
    """Dots are what was measured, the line is the hull, rings are the rungs as expected, squares as they came out."""
    codecs = list(dict.fromkeys(point.codec for point in found.search.hull))
    scale = _scale([p.kbps for p in (*found.search.points, *found.search.hull)])
    panels = [
        f'<g transform="translate(0,{n * HEIGHT})">{"".join(_panel(found, codec, scale))}</g>'
        for n, codec in enumerate(codecs)
    ]
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT * len(codecs)}" role="img">'
    return f"{head}<title>{escape(_title(found))}</title><style>{STYLE}</style>{''.join(panels)}</svg>"


def _title(found: LadderOutcome) -> str:
    cost = f", {100 * found.cost:.1f} % of the encode" if found.cost is not None else ""
    grain = f"; grain {found.search.grain:.1f}" if found.search.grain else ""
    return f"{found.search.profile}: the search took {found.search.seconds:.0f} s of a core{cost}{grain}"


def _left_out(saves: float) -> str:
    return f"left out: takes {100 * abs(saves):.0f} % {'fewer' if saves >= 0 else 'more'} bits than H.264"


def _scale(rates: Sequence[float]) -> Scale:
    low = max((step for step in DECADES if step <= min(rates)), default=DECADES[0])
    return Scale(low, min((step for step in DECADES if step >= max(rates)), default=DECADES[-1]))


def _panel(found: LadderOutcome, codec: Codec, scale: Scale) -> Iterator[str]:
    left_out = f"; {_left_out(found.search.left_out[codec])}" if codec in found.search.left_out else ""
    yield f'<text x="{LEFT}" y="18">{escape(codec)} · {escape(_title(found))}{left_out}</text>'
    yield from _axes(scale)
    own = [point for point in found.search.points if point.codec is codec]
    for colour, (size, points) in zip(COLOURS * 2, _by_size(own).items(), strict=False):
        yield from (f'<circle cx="{scale.x(p.kbps)}" cy="{scale.y(p.vmaf)}" r="3" fill="{colour}"/>' for p in points)
        yield from _legend(list(_by_size(own)).index(size), colour, f"{size[0]}×{size[1]}")
    hull = [point for point in found.search.hull if point.codec is codec]
    line = " ".join(f"{scale.x(point.kbps)},{scale.y(point.vmaf)}" for point in hull)
    yield f'<polyline class="hull" points="{line}"/>'
    yield from _rungs(found, codec, scale)


def _by_size(points: Iterable[Point]) -> dict[tuple[int, int], list[Point]]:
    found: dict[tuple[int, int], list[Point]] = {}
    for point in points:
        found.setdefault((point.width, point.height), []).append(point)
    return found


def _axes(scale: Scale) -> Iterator[str]:
    right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM
    for vmaf in range(0, 101, 20):
        y = scale.y(vmaf)
        yield f'<path class="grid" d="M{LEFT} {y}H{right}"/><text x="{LEFT - 28}" y="{y + 4}">{vmaf}</text>'
    for step in (step for step in DECADES if scale.low <= step <= scale.high):
        x = scale.x(step)
        yield f'<path class="grid" d="M{x} {TOP}V{bottom}"/><text x="{x}" y="{bottom + 16}">{step}</text>'
    yield f'<text x="{LEFT}" y="{HEIGHT - 8}">kb/s, logarithmic; VMAF upwards</text>'


def _legend(place: int, colour: str, text: str) -> Iterator[str]:
    x, y = WIDTH - RIGHT + 16, TOP + 12 + 18 * place
    yield f'<circle cx="{x}" cy="{y - 4}" r="3" fill="{colour}"/><text x="{x + 10}" y="{y}">{escape(text)}</text>'


def _rungs(found: LadderOutcome, codec: Codec, scale: Scale) -> Iterator[str]:
    came = {outcome.name: outcome for outcome in found.outcomes}
    for rung, point in found.search.of(codec):
        x, y = scale.x(point.kbps), scale.y(point.vmaf)
        said = f"{rung.name}, crf {rung.crf}: {point.kbps:.0f} kb/s, VMAF {point.vmaf:.1f}"
        yield f'<circle cx="{x}" cy="{y}" r="6" fill="none" stroke="#222"><title>{escape(said)}</title></circle>'
        if outcome := came.get(rung.name):
            x, y = scale.x(outcome.kbps) - 3, scale.y(outcome.vmaf) - 3
            said = f"{rung.name} came out at {outcome.kbps:.0f} kb/s, VMAF {outcome.vmaf:.1f}"
            yield f'<rect x="{x}" y="{y}" width="6" height="6" fill="#c43c39"><title>{escape(said)}</title></rect>'
