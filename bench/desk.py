"""The desk's list of titles at 25,000, filter by filter: `make bench-desk`. The method is in docs/bench.md."""

import argparse
import logging
import os
import statistics
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg

from bench.api.server import catalogue
from bench.figures import Figure, report
from marquee import logs
from marquee.catalogue.database import begin
from marquee.catalogue.models import TitleState
from marquee.catalogue.title_list import Filter, Opening, Order
from marquee.content.desk import listing
from marquee.contracts.plan import DrmScheme
from marquee.contracts.qc import Severity
from marquee.contracts.title import Kind

STATES = ("published", "published", "published", "withdrawn", "processing", "on_hold", "rejected", "deleting")
ROWS = {  # one statement for each table, made by the numbers 0 to COUNT - 1
    "titles": """
        insert into titles (id, slug, kind, original_language, year, maturity_rating, countries, state, fingerprint,
                            series, season, number, created_at, updated_at, delivered_at)
        select n + 1, 'film-' || n, case when n % 5 = 0 then 'episode' else 'film' end, 'en', 1930 + n % 97, 'all',
               '[]', (array{states}::text[])[1 + n % 8], 'f' || n, case when n % 5 = 0 then 'series-' || n / 50 end,
               1, n % 50,
               now() - n * interval '1 minute', now() - n * interval '1 minute', now() - n * interval '1 hour'
        from generate_series(0, {last}) n""",
    "texts": """
        insert into title_texts (title_id, language, name, synopsis)
        select n + 1, l, 'The ' || md5(n::text) || ' of number ' || n || ' ' || l, repeat('word ', 60)
        from generate_series(0, {last}) n, unnest(array['en', 'de', 'fr']) l""",
    "genres": """
        insert into title_genres (title_id, genre, position)
        select n + 1, 'genre-' || (n + g) % 20, g from generate_series(0, {last}) n, generate_series(0, 2) g""",
    "windows": """
        insert into availability_windows (id, title_id, territory, start, "end")
        select n + 1, n + 1, case when n % 3 = 0 then 'DE' else '*' end,
               case when n % 10 = 1 then now() + interval '1 day' end,
               case when n % 10 = 2 then now() - interval '1 day' end
        from generate_series(0, {last}) n""",
    "releases": """
        insert into releases (id, title_id, plan, fingerprint, state, document, created_at, published_at)
        select n + 1, n + 1, 'p', 'f', 'published', {document}, now(), now()
        from generate_series(0, {last}) n where n % 8 < 4""",
    "pointers": "update titles set current_release_id = id where (id - 1) % 8 < 4",
    "deliveries": """
        insert into deliveries (id, slug, fingerprint, state, title_id, document, received_at)
        select n + 1, 'film-' || n, 'f' || n, 'accepted', n + 1, '{{}}', now() from generate_series(0, {last}) n""",
    "reports": """
        insert into qc_reports (id, title_id, delivery_id, profile, verdict, document, page, created_at)
        select n + 1, n + 1, n + 1, 'ebu-r128', case when n % 100 = 0 then 'warn' else 'pass' end, '{{}}', 'p', now()
        from generate_series(0, {last}) n""",
}
DOCUMENT = """
    jsonb_build_object('release_id', (n + 1)::text, 'title_id', (n + 1)::text, 'slug', 'film-' || n, 'plan', 'p',
        'profile', 'standard', 'scheme', case when n % 24 = 0 then 'cenc' else 'cbcs' end, 'created_at', now(),
        'duration_s', 5400, 'segment_s', 4, 'audio', '[]'::jsonb, 'text', '[]'::jsonb, 'marks', '{}'::jsonb,
        'video', jsonb_build_array(jsonb_build_object(
            'name', 'v', 'codec', case when n % 16 = 0 then 'av1' else 'h264' end, 'width', 1920, 'height', 1080,
            'frame_rate', '25/1', 'frames', 100, 'bitrate_avg', 1, 'bitrate_peak', 2, 'vmaf_mean', 95, 'vmaf_p5', 90,
            'kid', null)),
        'files', (select jsonb_agg(jsonb_build_object('path', 'video/' || f || '.m4s', 'size', f, 'sha256', 'x'))
                  from generate_series(1, 50) f))
"""
ASKED = {
    "everything": Filter(),
    "state": Filter(state=TitleState.ON_HOLD),
    "name": Filter(query="number 777 "),
    "nothing": Filter(query="no title has this name"),
    "verdict": Filter(verdict=Severity.WARN),
    "kind": Filter(kind=Kind.EPISODE),
    "series": Filter(series="series-3"),
    "genre": Filter(genre="genre-7"),
    "territory": Filter(territory="AT"),
    "window": Filter(opening=Opening.LATER),
    "codec": Filter(codec="av1"),
    "scheme": Filter(scheme=DrmScheme.CENC),
    "age": Filter(older_days=100),
    "several": Filter(
        query="number 1", state=TitleState.PUBLISHED, verdict=Severity.PASS, genre="genre-3", codec="h264"
    ),
}


def main() -> None:
    logs.configure(level=logging.WARNING)
    arguments = _arguments()
    with TemporaryDirectory(prefix="marquee-bench-") as home, catalogue(Path(home)):
        with begin() as session:
            connection: psycopg.Connection = session.connection().connection.driver_connection  # type: ignore[assignment]
            fill(connection, arguments.titles)
        took = {name: _times(wanted, order, arguments.times) for name, wanted, order in _questions()}
    figures = [Figure(f"desk.list_{name}_p95_ms", _p95(times), "ms") for name, times in took.items()]
    figures.append(Figure("desk.list_p95_ms", _p95([each for times in took.values() for each in times]), "ms"))
    report("desk", figures, {"titles": arguments.titles, "times": arguments.times})


def fill(connection: psycopg.Connection, titles: int) -> None:
    """Titles film-0, film-1 … with all that the list reads of them; what is true of each follows from its number."""
    connection.execute("set session_replication_role = replica")  # no keys, so in any order
    for statement in ROWS.values():
        connection.execute(statement.format(last=titles - 1, states=list(STATES), document=DOCUMENT).encode())
    connection.execute("analyze")
    connection.execute("set session_replication_role = origin")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench.desk", description=__doc__)
    parser.add_argument("--titles", type=int, default=int(os.environ.get("TITLES", "25000")))
    parser.add_argument("--times", type=int, default=int(os.environ.get("TIMES", "40")))
    return parser.parse_args()


def _questions() -> list[tuple[str, Filter, Order]]:
    by_order = [(f"by_{order}", Filter(), order) for order in Order]
    return [*((name, wanted, Order.CHANGED) for name, wanted in ASKED.items()), *by_order]


def _times(wanted: Filter, order: Order, times: int) -> list[float]:
    """Milliseconds of a page each."""
    took = []
    for _ in range(times):
        started = time.perf_counter()
        listing.titles(wanted, order)
        took.append((time.perf_counter() - started) * 1000)
    return took


def _p95(times: list[float]) -> float:
    return statistics.quantiles(times, n=20)[-1]


if __name__ == "__main__":
    main()
