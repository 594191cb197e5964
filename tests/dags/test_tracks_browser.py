"""The part of a title's page that uploads a track, in Chromium: its template and scripts, with answers as of REST."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from jinja2 import Environment, FileSystemLoader

from marquee.content.desk.again import Encoding, Offer

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

TEMPLATES = Path(__file__).parents[2] / "plugins/marquee_airflow/templates"
SITE = "http://airflow.test"
PAGE = f"{SITE}/marquee/titles/1"
UPLOADS = f"{SITE}/marquee-intake/api/uploads"
FILE = b"RIFF" + bytes(5 * 1024 * 1024)  # two pieces
TITLE: dict[str, Any] = {
    "title_id": "1",
    "version": 7,
    "releases": [
        {
            "shown": True,
            "outline": {
                "text": [{"name": "en-sdh", "language": "en", "kind": "sdh"}],
                "audio": [
                    {"name": "de-dub-aac-stereo", "language": "de", "role": "dub", "channels": 2, "codec": "aac"},
                    {"name": "de-dub-aac-5.1", "language": "de", "role": "dub", "channels": 6, "codec": "aac"},
                ],
            },
        }
    ],
}
OFFER = Offer(profiles=("standard", "premium"), now=Encoding(ladder="premium", crop="none"), size="1920x1080")


def drawn(*, may_change: bool = True, offer: Offer = OFFER) -> str:
    """The part in its style, within the least of a page."""
    environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True)
    environment.filters["utc"] = str
    said = {
        "t": TITLE,
        "offer": offer,
        "base": "/marquee",
        "pending": [],
        "schemes": ["cbcs"],
        "may_change": may_change,
    }
    part = "".join(environment.get_template(name).render(**said) for name in ("desk_style.html", "remake.html"))
    scripts = "".join(f'<script src="/marquee/{name}.js" defer></script>' for name in ("tus", "tracks"))
    return f"<!doctype html>{scripts}{part}"


class Desk:
    """Answers as the plugin gives them, and what was asked."""

    def __init__(self) -> None:
        self.received = bytearray()
        self.asked: list[tuple[str, str, Any]] = []
        self.cuts = 1

    def answer(self, route: "Route") -> None:
        asked = route.request
        path = asked.url.removeprefix(SITE)
        if asked.method == "GET":
            self._get(route, path)
        elif path.startswith("/marquee-intake"):
            self._tus(route)
        else:
            self.asked.append((asked.method, path, json.loads(asked.post_data or "null")))
            refused = asked.method == "PUT" and len(self.asked) == 2
            problem = {"detail": "not a track: no subtitles"}
            route.fulfill(status=422, json=problem) if refused else route.fulfill(status=201, json={"id": "5"})

    def _get(self, route: "Route", path: str) -> None:
        if path.endswith(".js"):
            route.fulfill(path=TEMPLATES / Path(path).name, content_type="text/javascript")
        else:
            route.fulfill(body=drawn() if path == "/marquee/titles/1" else "its runs", content_type="text/html")

    def _tus(self, route: "Route") -> None:
        if route.request.method == "DELETE":
            self.received.clear()
        if route.request.method == "PATCH":
            if self.received and self.cuts:
                self.cuts -= 1
                route.abort()
                return
            assert int(route.request.headers["upload-offset"]) == len(self.received)
            self.received += route.request.post_data_buffer or b""
        route.fulfill(status=204, headers={"Upload-Offset": str(len(self.received))})


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def page(browser: "Browser", desk: Desk) -> "Iterator[Page]":
    context = browser.new_context()
    context.route(f"{SITE}/**", desk.answer)
    yield context.new_page()
    context.close()


def test_a_track_is_chosen_sent_in_pieces_and_put_in(page: "Page", desk: Desk, tmp_path: Path) -> None:
    from playwright.sync_api import expect

    (tmp_path / "dub.wav").write_bytes(FILE)
    page.goto(PAGE)
    page.get_by_text("Replace or add one track").click()
    form = page.locator("#track")
    expect(form.get_by_label("In the place of").locator("option")).to_have_count(3)
    form.get_by_label("In the place of").select_option("sound de dub")
    expect(form.locator("[name=kind]")).to_be_hidden()
    expect(form.get_by_label("Language")).to_have_value("de")
    expect(form.get_by_label("Role")).to_have_value("dub")
    form.get_by_label("File", exact=True).set_input_files(tmp_path / "dub.wav")
    form.get_by_label("Note").fill("louder")
    form.get_by_role("button", name="Upload").click()
    page.get_by_role("alert").get_by_text("not a track").wait_for()
    assert bytes(desk.received) == b""  # what is no track is deleted
    track = {"type": "audio", "file": "dub.wav", "language": "de", "role": "dub"}
    assert desk.asked[0] == ("POST", "/marquee/api/titles/1/tracks", {"track": track, "size": len(FILE)})
    assert desk.asked[1] == ("PUT", "/marquee/api/titles/1/tracks/5", {"note": "louder"})
    form.get_by_role("button", name="Upload").click()
    page.wait_for_url(f"{PAGE}/runs")
    assert bytes(desk.received) == FILE


def test_who_may_not_change_gets_no_form_and_an_obstacle_is_said() -> None:
    assert "<form" not in drawn(may_change=False)
    told = drawn(offer=OFFER.model_copy(update={"obstacle": "the source is gone"}))
    assert "the source is gone" in told
    assert "<form" not in told
    assert "as it is: premium" in drawn()
    assert 'placeholder="as it is: none"' in drawn()
