"""The places that the desk previews pictures at are those of the web app, in their sizes."""

import pytest

from marquee.content.desk.shapes import PLACES, SCREENS
from marquee.contracts.plan import DrmScheme
from tests.api.conftest import Publish
from tests.api.test_shop_pages import REMOTE
from tests.plugin_browser import SCREENS as OF_TESTS
from tests.plugin_browser import OpenPage

HOME, TITLE, SERIES = "/", "/title/{title_id}", "/series/the-coast"
BOXES = {  # the page, and the box on it
    ("Home page", "backdrop"): (HOME, ".hero > .artwork"),
    ("Title page", "backdrop"): (TITLE, ".title-page > .artwork"),
    ("Series page", "backdrop"): (SERIES, ".series-page > .artwork"),
    ("Episode in a list", "backdrop"): (SERIES, ".episode .artwork"),
    ("Title page", "poster"): (TITLE, ".title-poster .artwork"),
    ("Card", "poster"): (TITLE, ".shelf-items:not(.ranked) .card .artwork.poster"),
}
ELSEWHERE = {"Shared link", "Next title"}  # on another site; when a title has ended


@pytest.mark.parametrize("open_page", SCREENS, indirect=True)
def test_every_place_has_the_size_that_is_previewed(
    request: pytest.FixtureRequest, open_page: OpenPage, publish: Publish
) -> None:
    screen = request.node.callspec.params["open_page"]
    place = {"kind": "episode", "episode": {"series": "the-coast", "season": 1, "number": 1}}
    title_id = publish(metadata=place, scheme=DrmScheme.NONE, release={"marks": {}}).title_id
    for other in ("other", "another"):  # one title makes no row
        publish(other, scheme=DrmScheme.NONE, release={"marks": {}})
    page = open_page(**({"user_agent": REMOTE} if screen == "television" else {}))
    here = [each for each in PLACES if each.screen == screen and each.name not in ELSEWHERE]
    assert here
    for each in here:
        path, box = BOXES[each.name, each.kind]
        page.goto(path.format(title_id=title_id))
        found = page.locator(f"{box}:not(.skeleton)").first
        found.wait_for(state="attached")
        measured = found.evaluate("(box) => [box.offsetWidth, box.offsetHeight]")
        assert measured == pytest.approx([each.width, each.height], abs=2), each


def test_screens_and_places_are_all_measured() -> None:
    assert SCREENS == OF_TESTS
    assert {(each.name, each.kind) for each in PLACES if each.name not in ELSEWHERE} == set(BOXES)
