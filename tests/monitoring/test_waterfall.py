"""A trace as a page: each span once, parents before their children, in the order in which they began."""

from bench.observe.collector import Seen
from bench.observe.waterfall import in_order, waterfall


def span(id_: str, parent: str, start: int, *, name: str = "") -> Seen:
    return Seen("api", name or id_, "t", id_, parent, start, start + 1_000_000, failed=False, attributes={})


SPANS = [
    span("c", "a", 30),
    span("a", "caller", 10),
    span("b", "a", 20),
    span("d", "c", 5, name="<b>"),
    span("other", "", 1),
]


def test_each_span_is_shown_once_beneath_its_parent() -> None:
    shown = [(each.id, depth) for each, depth in in_order(SPANS)]
    assert shown == [("other", 0), ("a", 0), ("b", 1), ("c", 1), ("d", 2)]


def test_names_are_text() -> None:
    page = waterfall("a & b", SPANS)
    assert page.count("class=row") == len(SPANS)
    assert "&lt;b&gt;" in page
    assert "<b>" not in page
    assert "a &amp; b" in page
