"""A trace as one HTML page: a line for each span, beneath its parent, from its start to its end."""

from collections.abc import Iterator, Sequence
from html import escape

from bench.observe.collector import Seen

PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>
<style>
body {{ font: 13px/1.5 system-ui, sans-serif; margin: 24px; color: #1c2430 }}
h1 {{ font-size: 18px }} p {{ color: #5a6675 }}
div.row {{ display: grid; grid-template-columns: 38% 1fr; border-top: 1px solid #e6eaef }}
div.name {{ overflow: hidden; white-space: nowrap; text-overflow: ellipsis }}
div.line {{ position: relative; height: 20px }}
div.bar {{ position: absolute; top: 4px; height: 12px; min-width: 2px; border-radius: 2px }}
span.s {{ color: #5a6675 }} span.ms {{ position: absolute; top: 0; padding-left: 4px; color: #5a6675; font-size: 11px }}
</style>
<h1>{title}</h1><p>trace {trace} · {count} spans · {seconds:.3f} s</p>
{rows}</html>
"""
COLOURS = ("#2f6fde", "#0f9d7a", "#c9772b", "#8a55c9", "#b8405a")


def waterfall(title: str, spans: Sequence[Seen]) -> str:
    """The page of the spans of one trace, each of which has an end."""
    begin, end = min(span.start_ns for span in spans), max(span.end_ns for span in spans)
    colours = dict(zip(sorted({span.service for span in spans}), COLOURS * 3, strict=False))
    rows = "\n".join(_row(span, depth, begin, end - begin, colours[span.service]) for span, depth in in_order(spans))
    return PAGE.format(
        title=escape(title), trace=spans[0].trace, count=len(spans), seconds=(end - begin) / 1e9, rows=rows
    )


def in_order(spans: Sequence[Seen]) -> Iterator[tuple[Seen, int]]:
    """Each span and its depth, parents before children and earlier ones first; one without a parent here is a first."""
    known = {span.id for span in spans}
    children: dict[str, list[Seen]] = {}
    for span in sorted(spans, key=lambda span: span.start_ns):
        children.setdefault(span.parent if span.parent in known else "", []).append(span)

    def beneath(parent: str, depth: int) -> Iterator[tuple[Seen, int]]:
        for span in children.get(parent, ()):
            yield span, depth
            yield from beneath(span.id, depth + 1)

    yield from beneath("", 0)


def _row(span: Seen, depth: int, begin: int, length: int, colour: str) -> str:
    left, width = (
        (span.start_ns - begin) / length * 88,
        (span.end_ns - span.start_ns) / length * 88,
    )  # leaves the label room
    colour = "#d0342c" if span.failed else colour
    name = f"{escape(span.name)} <span class=s>{escape(span.service)}</span>"
    bar = f'<div class=bar style="left:{left:.3f}%;width:{width:.3f}%;background:{colour}"></div>'
    time = f'<span class=ms style="left:{left + width:.3f}%">{(span.end_ns - span.start_ns) / 1e6:.1f} ms</span>'
    padding = f'style="padding-left:{depth * 16}px"'
    return f"<div class=row><div class=name {padding}>{name}</div><div class=line>{bar}{time}</div></div>"
