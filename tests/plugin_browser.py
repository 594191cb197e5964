"""The app with its pages behind a real server, and a real browser at the widths of a desktop and of a phone."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest

from marquee.settings import settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page
    from starlette.types import ASGIApp

    from tests.plugin_mail import Mailbox

CHROMIUM = Path("/usr/bin/chromium")
needs_chromium = pytest.mark.skipif(not CHROMIUM.exists(), reason="no Chromium")
WIDTHS = {"desktop": (1440, 900), "phone": (390, 844)}
SCREENS = {**WIDTHS, "television": (1920, 1080)}

OpenPage = Callable[..., "Page"]


@pytest.fixture(scope="session")
def web_app() -> Path:
    """The folder of the built web app. `make test` builds it first."""
    from api import web

    assert (web.DIST / "index.html").is_file(), "the web app is not built: make web"
    return web.DIST


@pytest.fixture(scope="module")  # while it runs, the process has an event loop
def browser() -> "Iterator[Browser]":
    """Chromium, without a window."""
    from playwright.sync_api import sync_playwright

    if not CHROMIUM.exists():
        pytest.skip("no Chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def site(web_app: Path, mailbox: "Mailbox", monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of the app; links in messages lead to it."""
    from api.main import create_app
    from marquee.embedded.ports import free

    port = free(1)[0]
    address = f"http://localhost:{port}"
    monkeypatch.setattr("api.background.MAIL_PAUSE_S", 0.05)
    monkeypatch.setenv("MARQUEE_PUBLIC_API_URL", address)
    monkeypatch.setenv("MARQUEE_PORT_API", str(port))
    settings.cache_clear()
    with serving(create_app(), port):
        yield address


@contextmanager
def serving(app: "ASGIApp", port: int, **tls: Any) -> Iterator[None]:
    """The app behind a real server, in a thread; it knows its proxies itself."""
    import uvicorn

    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="warning", proxy_headers=False, **tls))
    thread = Thread(target=server.run)
    thread.start()
    while not server.started:
        thread.join(0.01)
        assert thread.is_alive()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture(params=WIDTHS)
def open_page(request: pytest.FixtureRequest, browser: "Browser", site: str) -> Iterator[OpenPage]:
    """`open_page(locale="en-GB")`: a page of a browser of its own, as another device would be.

    Further options are Playwright's of a context. Service workers are blocked unless one allows them: routes that
    a test lays do not see what they fetch.
    """
    width, height = SCREENS[request.param]
    faults: list[str] = []
    contexts = []

    def make(locale: str = "en-GB", **options: Any) -> "Page":
        options = {"service_workers": "block", "viewport": {"width": width, "height": height}, **options}
        context = browser.new_context(base_url=site, locale=locale, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        return page

    yield make
    for context in contexts:
        context.close()
    assert not faults


@pytest.fixture
def page(open_page: OpenPage) -> "Page":
    """One page."""
    return open_page()
