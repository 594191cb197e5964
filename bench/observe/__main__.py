"""Watches a platform from outside while a title is made and played: `make bench-observe`. See docs/bench.md."""

import argparse
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote

from bench.figures import RESULTS, Figure, report
from bench.observe.clicks import DAG, carry, click_at_the_desk, click_of_a_viewer
from bench.observe.collector import Collector, Seen
from bench.observe.drill import drill
from bench.observe.prometheus import Prometheus, prometheus
from bench.observe.rehearsal import rehearse
from bench.observe.waterfall import waterfall
from bench.stack import Stack, running
from marquee.tools.binaries import ffmpeg
from marquee.tools.process import run

FOLDER = RESULTS / "observe"
CHROMIUM = "/usr/bin/chromium"
GRAPHS = (
    "sum by (route) (route:marquee_api_requests:rate5m)",
    "route:marquee_api_seconds:p99_5m",
    "max by (pool, state) (marquee_pool_tasks)",
    "max by (pool) (marquee_pool_queue_age_seconds)",
    "marquee_disk_free_bytes / marquee_disk_size_bytes",
)
TITLE = "seen"


def main() -> None:
    seconds = _arguments().seconds
    FOLDER.mkdir(parents=True, exist_ok=True)
    collector = Collector()
    with TemporaryDirectory(prefix="marquee-bench-", dir="/var/tmp") as name:
        home = Path(name)
        seen = {"tls": True, "metrics": True, "otlp_url": collector.url}
        with running(home / "home", **seen) as stack, prometheus(home, _targets(stack)) as watching:
            film(home / "film.mp4", seconds)
            stack.deliver(TITLE, home / "film.mp4")
            title_id = make(stack)
            viewer = click_of_a_viewer(stack, collector, title_id)
            desk = click_at_the_desk(stack, collector, title_id)
            pictures(watching, {"viewer": viewer, "desk": desk})
            count, faults = rehearse(stack, home, TITLE)
            alerts = drill(stack, watching, TITLE)
    collector.stop()
    print("\n".join(faults))
    spans = {"viewer": viewer, "desk": desk}
    figures = [Figure(f"observe.spans_{name}", len(found), "spans") for name, found in spans.items()]
    figures += [Figure("observe.rehearsed", count - len(faults), f"of_{count}_commands")]
    figures += [Figure(f"observe.alert_{name}", seconds, "s") for name, seconds in alerts.items()]
    report("observe", figures, {name: [vars(span) for span in found] for name, found in spans.items()})


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench.observe", description=__doc__)
    parser.add_argument("--seconds", type=int, default=12, help="of the film that is made")
    return parser.parse_args()


def _targets(stack: Stack) -> dict[str, str]:
    s = stack.settings
    return {"api": f"127.0.0.1:{s.port_api}", "platform": f"127.0.0.1:{s.port_metrics}"}


def film(path: Path, seconds: int) -> None:
    """A short film with sound."""
    inputs = ["-f", "lavfi", "-i", f"testsrc2=size=640x360:rate=24:duration={seconds}"]
    inputs += ["-f", "lavfi", "-i", f"sine=frequency=440:sample_rate=48000:duration={seconds}"]
    run([ffmpeg(), "-v", "error", *inputs, "-ac", "2", "-c:v", "libx264", "-c:a", "aac", str(path)], timeout_s=120)


def make(stack: Stack) -> str:
    """Have the title made and published; its id."""
    conf = {"delivery": TITLE, "ladder": "preview", "scheme": "none"}
    with stack.airflow() as airflow:
        run_id = airflow.trigger(DAG, conf)
        carry(airflow, run_id)
        return str(airflow.result(DAG, run_id, "ingest")["title_id"])


def pictures(watching: Prometheus, traces: dict[str, list[Seen]]) -> None:
    """Pages and pictures of the traces and of the main graphs, and figures."""
    from playwright.sync_api import sync_playwright

    graphs = "&".join(f"g{n}.expr={quote(query)}&g{n}.tab=0&g{n}.range_input=15m" for n, query in enumerate(GRAPHS))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        for name, spans in traces.items():
            html = FOLDER / f"{name}.html"
            html.write_text(waterfall(f"One click: {name}", spans))
            page.goto(html.as_uri())
            page.screenshot(path=FOLDER / f"{name}.png", full_page=True)
        page.goto(f"{watching.url}/classic/graph?{graphs}")
        page.set_viewport_size({"width": 1440, "height": 760 * len(GRAPHS)})  # its bar stays at the top of the window
        page.wait_for_timeout(4_000)
        page.screenshot(path=FOLDER / "prometheus.png")
        browser.close()


if __name__ == "__main__":
    main()
