"""The figures of the insights page are those of the marts; plots say what they draw, and are safe and whole."""

from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

import duckdb
import pytest
from defusedxml import ElementTree

from marquee.viewing.insights import figures, formatting, page
from marquee.viewing.insights.figures import Headline
from marquee.viewing.insights.plots import Plot, Series, draw, interval
from tests.viewing.insights import sample


def ask(warehouse: Path, mart: str, query: str) -> Any:
    with duckdb.connect() as connection:
        connection.execute(f"CREATE VIEW mart AS FROM '{warehouse}/marts/{mart}.parquet'")
        return connection.execute(query).fetchall()


def test_figures_are_those_of_the_marts(warehouse: Path) -> None:
    sample.write(warehouse)
    view = page.view(501)
    plays, watched = ask(
        warehouse, "title_daily", "SELECT sum(plays), sum(watched_s) / 3600 FROM mart WHERE dt > DATE '2026-03-22'"
    )[0]
    by_name = {headline.name: headline for headline in view.headlines}
    assert by_name["Plays"].now == plays
    assert by_name["Watched"].now == pytest.approx(watched)
    before = ask(
        warehouse, "title_daily", "SELECT sum(plays) FROM mart WHERE dt BETWEEN DATE '2026-03-16' AND DATE '2026-03-22'"
    )
    assert by_name["Plays"].before == before[0][0]
    assert by_name["Viewers"].now == ask(warehouse, "daily_active", "SELECT arg_max(wau, dt) FROM mart")[0][0]
    assert view.title is not None
    assert (
        view.title.engagement["plays"]
        == ask(warehouse, "title_engagement", "SELECT plays FROM mart WHERE title_id = 501")[0][0]
    )
    assert [row["other_id"] for row in view.title.together] == [502, 503, 504, 505, 506]
    assert view.simulated == 0.95
    most = "SELECT title_id, plays_7d FROM mart ORDER BY plays_7d DESC, title_id LIMIT 10"
    assert [(row["title_id"], row["value"]) for row in view.most_played] == ask(warehouse, "content_performance", most)
    edges = {row["name"]: row["attempts"] for row in view.quality_by["edge"]}
    assert edges == dict(
        ask(warehouse, "qoe_daily", "SELECT edge, sum(attempts) FROM mart WHERE dt > DATE '2026-03-22' GROUP BY 1")
    )
    assert [count for _, count, _ in view.funnel] == list(
        ask(
            warehouse,
            "search_funnel",
            "SELECT sum(searches), sum(with_results), sum(selected), sum(played) FROM mart"
            " WHERE dt > DATE '2026-03-01'",
        )[0]
    )


def test_what_was_missing_comes_with_where_it_was(warehouse: Path) -> None:
    sample.write(warehouse)
    found = [(row["query"], row["askers"], row["territories"]) for row in page.view().misses]
    assert found == [("osaka", 12, None), ("zeppelin <b>", 9, "DE")]


def test_before_the_first_build_everything_is_empty(warehouse: Path) -> None:
    view = page.view(501)
    assert view.empty
    assert (view.simulated, view.headlines, view.audience, view.funnel, view.weeks) == (0.0, [], [], [], 0)
    assert view.title is not None
    assert not view.title.found


@pytest.mark.parametrize("name", sorted([*sample.MARTS, "about"]))
def test_any_mart_may_be_missing(warehouse: Path, name: str) -> None:
    sample.write(warehouse)
    (warehouse / "marts" / f"{name}.parquet").unlink()
    assert not page.view(501).empty


def test_marts_without_rows_are_no_error(warehouse: Path) -> None:
    sample.write(warehouse, tables=sample.SESSIONS.replace("WHERE hash", "WHERE false AND hash"))
    view = page.view(501)
    assert (view.headlines, view.audience, view.funnel, view.retention) == ([], [], [], [])


def test_drop_off_points_leave_the_credits_out() -> None:
    rows = [
        {"percent": percent, "drop_offs": {3: 9, 40: 7, 41: 8, 60: 1, 97: 99}.get(percent, 0)} for percent in range(100)
    ]
    assert figures.drops(rows) == [3, 41, 60], "40 is a neighbour of 41, 97 lies in the credits"
    assert figures.drops([]) == []


def test_changes_are_growth_or_points() -> None:
    assert Headline("Plays", 110, 100).change == pytest.approx(0.1)
    assert Headline("Share", 0.5, 0.4, "%").change == pytest.approx(0.1)
    assert Headline("Plays", 110, 0).change is None
    assert Headline("Plays", None, None).change is None


def test_money_knows_its_digits() -> None:
    assert formatting.money(123_456, "EUR") == "1,234.56 EUR"
    assert formatting.money(123_456, "JPY") == "123,456 JPY"
    assert formatting.money(123_456, "KWD") == "123.456 KWD"


def parts(figure: str) -> tuple[list[Element], Element]:
    tree = ElementTree.fromstring(f"<body>{figure}</body>")
    return [element for element in tree.iter() if element.tag == "path"], tree


def test_a_plot_is_well_formed_and_tells_its_ends() -> None:
    series = [Series("day", [10, 20, None, 40]), Series("week", [5, 5, 5, 5], bars=True)]
    plot = Plot("Viewers", ["1 Mar", "2 Mar", "3 Mar", "4 Mar"], series, formatting.short, axis="day", marks=[(1, "1")])
    paths, tree = parts(draw(plot))
    assert len(paths) == 1
    strokes = paths[0].get("d", "")
    assert (strokes.count("M"), strokes.count("L")) == (2, 1), "a gap is no line"
    assert len([e for e in tree.iter("rect") if "bar" in e.get("class", "")]) == 4
    title = next(tree.iter("title")).text or ""
    assert title == "Viewers. 1 Mar: day 10, week 5. 4 Mar: day 40, week 5."


def test_names_with_markup_stay_words() -> None:
    wild = "</title><script>alert(1)</script>"
    figure = draw(
        Plot(wild, [wild], [Series(wild, [1]), Series("b", [2])], lambda _: wild, axis=wild, marks=[(0, wild)])
    )
    _, tree = parts(figure)
    assert not list(tree.iter("script"))
    assert "<script" not in figure
    assert "<script" not in interval(0.1, 0.2, 0.3, 1, wild)


@pytest.mark.parametrize("values", [[], [None], [0], [0.0004], [3], [1e9], [1, 2, 3, 4, 5]])
def test_every_value_lies_inside_its_plot(values: list[float | None]) -> None:
    figure = draw(Plot("t", [str(n) for n in range(len(values))], [Series("s", values, bars=True)], formatting.short))
    _, tree = parts(figure)
    bars = [e for e in tree.iter("rect") if "bar" in e.get("class", "")]
    assert all(float(e.get("y", "-1")) >= 0 and float(e.get("height", "-1")) <= 100 for e in bars)
    assert len(bars) == len([value for value in values if value])


def test_a_plot_without_places_is_no_error() -> None:
    parts(draw(Plot("t", [], [Series("s", [])], formatting.short)))
