"""The desk's script in a real browser, within a frame as Airflow makes it."""

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from playwright.sync_api import Browser

SCRIPT = Path(__file__).parents[2] / "plugins/marquee_airflow/templates/desk.js"
SITE = "http://airflow.test"
FRAME = "allow-scripts allow-same-origin allow-forms allow-downloads"  # of Airflow 3.3, around a plugin's page
PAGES = {
    "/": f'<!doctype html><iframe src="/board" sandbox="{FRAME}"></iframe>',
    "/board": '<!doctype html><a href="/title" target="_blank">look</a><script src="/desk.js" defer></script>',
    "/title": "<!doctype html>a title",
}


def test_links_to_the_web_app_open_from_airflows_frame(browser: "Browser") -> None:
    script = SCRIPT.read_text()
    context = browser.new_context()
    context.route(f"{SITE}/desk.js", lambda route: route.fulfill(body=script, content_type="text/javascript"))
    for path in PAGES:
        context.route(f"{SITE}{path}", lambda route: route.fulfill(body=PAGES[urlsplit(route.request.url).path]))
    page = context.new_page()
    page.goto(f"{SITE}/")
    with context.expect_page() as opened:
        page.frame_locator("iframe").get_by_role("link").click()
    assert opened.value.url == f"{SITE}/title"
    context.close()
