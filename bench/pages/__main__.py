"""`make bench-pages`: the home page on a phone over a slow link. The method is in docs/bench.md."""

import argparse
import logging
import os
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from bench.figures import Figure, report, spread
from bench.pages import painting, shop
from bench.playback.browser import chromium, sign_in
from bench.playback.platform import new_member, started
from marquee import logs

TITLES = 30  # more than the home page shows before it is scrolled


def main() -> None:
    logs.configure(level=logging.WARNING)
    parser = argparse.ArgumentParser(prog="bench.pages", description=__doc__)
    parser.add_argument("--times", type=int, default=int(os.environ.get("TIMES", "7")), help="of each visitor")
    times = parser.parse_args().times
    figures, details = [], {}
    with TemporaryDirectory(prefix="marquee-bench-") as home, started(Path(home), tls=True) as platform:
        new_member(platform)
        shop.fill(TITLES)
        with chromium() as browser:
            for visitor, prepare in (("guest", lambda _: None), ("member", lambda c: sign_in(c, platform))):
                shown = [painting.first_visit(browser, platform.site, prepare) for _ in range(times + 1)][1:]  # warm
                largest = [each.ms for each in shown]
                print(f"home page, {visitor}: {spread(largest)} ms, {shown[-1].kilobytes:.0f} kB, {shown[-1].what}")
                figures += [
                    Figure(f"pages.home_{visitor}_lcp_ms", median(largest), "ms"),
                    Figure(f"pages.home_{visitor}_lcp_most_ms", max(largest), "ms"),
                    Figure(f"pages.home_{visitor}_kb", median(each.kilobytes for each in shown), "kB"),
                ]
                details[visitor] = [each._asdict() for each in shown]
    report("pages", figures, {"link": painting.LINK, "processor": painting.SLOWER, **details})


if __name__ == "__main__":
    main()
