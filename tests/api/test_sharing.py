"""robots.txt, sitemaps and previews: off unless the operator turns them on, and never of what guests do not see."""

import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
from starlette.testclient import TestClient

from api.main import create_app
from api.sharing import sitemaps
from marquee.catalogue import collections
from marquee.catalogue.database import begin
from marquee.contracts.collection import Collection
from marquee.settings import settings
from tests.api.conftest import Publish

PUBLIC = "https://watch.example"
ELSEWHERE = {"availability": [{"territories": ["US"]}]}
EPISODE = {"kind": "episode", "episode": {"series": "the-coast", "season": 1, "number": 1}}
ADA = [{"name": "Ada <Lovelace>", "role": "director"}]


@pytest.fixture
def shared(catalogue: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    """The app with a page, open to search engines."""
    (tmp_path / "dist").mkdir()
    (tmp_path / "dist/index.html").write_text("<html><head><title>Marquee</title></head><body></body></html>")
    monkeypatch.setenv("MARQUEE_SEARCH_ENGINES", "true")
    monkeypatch.setenv("MARQUEE_PUBLIC_API_URL", PUBLIC)
    settings.cache_clear()
    with TestClient(create_app(tmp_path / "dist")) as client:
        yield client


@pytest.fixture
def coast(publish: Publish) -> tuple[str, str]:
    """A title that is seen here and one that is not, with the series, the person and the collection of both."""
    shown = publish("here", metadata={**EPISODE, "credits": ADA, "genres": ["drama"]})
    other = {"series": "the-far-coast", "season": 1, "number": 1}
    hidden = publish("elsewhere", metadata={**EPISODE, "episode": other, **ELSEWHERE, "genres": ["western"]})
    with begin() as session:
        for slug, titles in (("lights", ("here", "elsewhere")), ("far", ("elsewhere",))):
            collections.put(session, Collection(slug=slug, texts={"en": {"name": slug.title()}}, titles=titles))
    return shown.title_id, hidden.title_id


def listed(client: TestClient, path: str) -> list[str]:
    answer = client.get(path)
    assert answer.headers["content-type"].startswith("application/xml")
    elements = ElementTree.fromstring(answer.text).iter()  # noqa: S314 (it is our own)
    return [element.text or "" for element in elements if element.tag.endswith("loc")]


def metas(client: TestClient, path: str) -> dict[str, str]:
    text = client.get(path).text
    assert "<body>" in text
    return dict(re.findall(r'<meta (?:property|name)="([^"]+)" content="([^"]*)"', text))


def test_nothing_is_told_unless_it_is_turned_on(guest: TestClient, coast: tuple[str, str]) -> None:
    assert guest.get("/robots.txt").text == sitemaps.CLOSED
    assert guest.get("/sitemap.xml").status_code == 404
    assert "og:title" not in guest.get(f"/title/{coast[0]}").text


def test_the_sitemap_lists_what_guests_see(
    shared: TestClient, coast: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert f"Sitemap: {PUBLIC}/sitemap.xml" in shared.get("/robots.txt").text
    monkeypatch.setattr(sitemaps, "MOST", 4)
    parts = listed(shared, "/sitemap.xml")
    pages = [page for part in parts for page in listed(shared, part.removeprefix(PUBLIC))]
    assert len(parts) > 1
    assert len(pages) == len(set(pages))
    paths = {page.removeprefix(PUBLIC) for page in pages}
    assert paths == {
        *sitemaps.LISTS,
        *("/collections/lights", "/genres/drama", "/languages/en", "/series/the-coast", f"/title/{coast[0]}"),
    }
    assert shared.get(f"/sitemap-{len(parts) + 1}.xml").status_code == 404


def test_links_show_what_they_lead_to(shared: TestClient, coast: tuple[str, str]) -> None:
    title = metas(shared, f"/title/{coast[0]}")
    assert title["og:title"] == "The Lantern"
    assert title["og:type"] == "video.episode"
    assert title["og:description"] == "A light."
    assert title["og:url"] == f"{PUBLIC}/title/{coast[0]}"
    assert title["og:image"].endswith("/art/poster.jpg")
    assert metas(shared, "/series/the-coast")["og:title"] == "The Coast"
    assert metas(shared, "/collections/lights")["og:title"] == "Lights"
    person = shared.get(f"/v1/titles/{coast[0]}").json()["credits"][0]["person_id"]
    assert metas(shared, f"/people/{person}")["og:title"] == "Ada &lt;Lovelace&gt;"
    assert "og:title" not in metas(shared, "/search")


def test_links_to_what_guests_do_not_see_show_nothing(shared: TestClient, coast: tuple[str, str]) -> None:
    for path in (f"/title/{coast[1]}", "/title/x", "/series/the-far-coast", "/collections/far", "/people/1"):
        assert metas(shared, path) == {"robots": "noindex"}, path
