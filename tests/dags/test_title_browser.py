"""The pages of a title in Chromium, and what their scripts ask of the server."""

import io
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from PIL import Image

from marquee.catalogue import descriptions, releases, titles
from marquee.catalogue.database import begin
from marquee.content.desk import artwork, pictures
from marquee.contracts.artwork import Rectangle
from marquee.contracts.release import VideoRendition
from marquee.contracts.title import Marks, TitleMetadata
from marquee.embedded.ports import free
from marquee.tools.binaries import ffmpeg
from marquee.tools.process import run
from tests.catalogue.test_catalogue import packaged

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

RENDITION = {
    "name": "h264-64p", "codec": "avc1.64000a", "width": 64, "height": 64, "frame_rate": "25", "frames": 100,
    "bitrate_avg": 1, "bitrate_peak": 1, "vmaf_mean": 90, "vmaf_p5": 80, "kid": None,
}  # fmt: skip
ROOT = Path(__file__).resolve().parents[2]
SERVE = """
import sys
from airflow.api_fastapi.app import create_auth_manager
from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser
from airflow.api_fastapi.core_api.security import get_user
from fastapi import FastAPI, Request
import uvicorn
from marquee_airflow import pages

create_auth_manager()

def whose(request: Request):
    role = request.headers.get("x-role", "USER")
    return SimpleAuthManagerUser(username="ops", role=role)

pages.app.dependency_overrides[get_user] = whose
site = FastAPI()
site.mount("/marquee", pages.app)

class Server(uvicorn.Server):
    async def startup(self, sockets=None):
        await super().startup(sockets)
        print("ready", flush=True)

Server(uvicorn.Config(site, port=int(sys.argv[1]), log_level="warning")).run()
"""
BOXES = """() => [...document.querySelectorAll("section.backdrop .box")].map((box) => {
  const [outer, image] = [box, box.querySelector("img")].map((each) => each.getBoundingClientRect());
  return [outer.width, outer.height, image.width, image.height, image.left - outer.left, image.top - outer.top];
})"""


@pytest.fixture
def title_id(catalogue: None) -> int:
    metadata = {"slug": "a-film", "media": "a.mp4", "year": 2000, "texts": {"en": {"title": "<b>A film</b>"}}}
    with begin() as session:
        return titles.upsert(session, TitleMetadata.model_validate(metadata), "one").id


@pytest.fixture
def site(title_id: int, tmp_path: Path) -> Iterator[str]:
    """The address of the title's page."""
    port = free(1)[0]
    env = {**os.environ, "AIRFLOW_HOME": str(tmp_path / "airflow"), "PYTHONPATH": f"{ROOT}:{ROOT}/plugins"}
    env["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"] = "postgresql+psycopg2://nobody@127.0.0.1:1/none"
    argv = [sys.executable, "-c", SERVE, str(port)]
    process = subprocess.Popen(argv, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    assert any(line == "ready\n" for line in process.stdout)
    yield f"http://localhost:{port}/marquee"
    process.kill()
    process.communicate()


def picture(size: tuple[int, int] = (640, 360)) -> bytes:
    file = io.BytesIO()
    Image.effect_noise(size, 50).save(file, "JPEG")
    return file.getvalue()


def opened(browser: "Browser", address: str, faults: list[str], width: int = 1440) -> "Page":
    page = browser.new_context(viewport={"width": width, "height": 900}).new_page()
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: faults.append(said.text) if "Content Security Policy" in said.text else None)
    page.goto(address)
    return page


def own(title_id: int, kind: str) -> Rectangle | None:
    with begin() as session:
        held = pictures.own_picture(titles.get(session, title_id), kind)
    return held.rectangle if held else None


def test_a_picture_is_cut_previewed_and_saved_beside_another_editor(
    browser: "Browser", site: str, title_id: int, tmp_path: Path
) -> None:
    from playwright.sync_api import expect

    file, faults = tmp_path / "wide.jpg", list[str]()
    file.write_bytes(picture())
    address = f"{site}/titles/{title_id}/artwork"
    page, other = opened(browser, address, faults), opened(browser, address, faults, width=1024)
    backdrop = page.locator("section.backdrop")
    backdrop.locator("[name=file]").set_input_files(file)
    backdrop.get_by_text("640 × 360 pixels").wait_for()
    for name, value in {"width": "0.2", "height": "0.5", "x": "0.7", "y": "0.1"}.items():
        backdrop.locator(f"[name={name}]").fill(value)
    part = Rectangle(x=0.7, y=0.1, width=0.2, height=0.5)
    for box_width, box_height, width, height, left, top in page.evaluate(BOXES):
        assert width / height == pytest.approx(640 / 360, rel=0.01)
        assert min(width / box_width, height / box_height) == pytest.approx(1, abs=0.02)  # covered, and no more
        assert left == pytest.approx((box_width - width) * part.focus[0], abs=1)
        assert top == pytest.approx((box_height - height) * part.focus[1], abs=1)
    backdrop.get_by_role("button", name="Save").click()
    expect(page.locator("section.backdrop figcaption").first).to_contain_text("given by a person, 640 × 360")
    assert own(title_id, "backdrop") == part
    expect(page.locator("section.backdrop [name=x]")).to_have_value("0.7")  # it goes on from there

    poster = other.locator("section.poster")
    poster.locator("[name=file]").set_input_files(file)
    stage = poster.locator(".cut")
    stage.hover()
    other.mouse.down()
    other.mouse.move(0, 300)
    other.mouse.up()
    poster.get_by_role("button", name="Save").click()
    expect(other.get_by_role("alert")).to_contain_text("Somebody has changed this title meanwhile")
    assert own(title_id, "poster") is None
    poster.get_by_role("button", name="Save").click()
    expect(other.locator("section.poster figcaption").first).to_contain_text("given by a person, 240 × 360")
    assert own(title_id, "poster").x == 0  # dragged to the left end
    assert other.evaluate("document.documentElement.scrollWidth <= innerWidth")
    poster.get_by_role("button", name="Give it back").click()
    expect(other.locator("section.poster figcaption").first).to_contain_text("None yet")
    assert not faults
    for each in (page, other):
        each.context.close()

    api = f"{site}/api/titles/{title_id}/artwork"
    with httpx.Client() as client:
        sheet = client.get(api)
        current = {"If-Match": sheet.headers["ETag"]}
        shown = client.get(f"{api}/backdrop")
        assert (shown.headers["content-type"], shown.headers["cache-control"]) == ("image/jpeg", "private, no-store")
        assert client.get(f"{api}/backdrop?whole=true").content == file.read_bytes()
        assert client.get(f"{api}/poster").status_code == 404
        assert client.put(f"{api}/poster", content=picture()).status_code == 428
        assert client.put(f"{api}/poster", content=picture(), headers={"If-Match": '"1"'}).status_code == 412
        assert client.put(f"{api}/poster", content=b"text", headers=current).status_code == 422
        assert client.put(f"{api}/poster?x=0.9&width=0.5", content=picture(), headers=current).status_code == 422
        assert client.put(f"{api}/sticker", content=picture(), headers=current).status_code == 422
        large = (bytes(1024 * 1024) for _ in range(artwork.MAX_BYTES // 1024 // 1024 + 1))  # of no stated length
        assert client.put(f"{api}/poster", content=large, headers=current).status_code == 413
        refused = client.put(f"{api}/poster", content=picture(), headers={**current, "x-role": "VIEWER"})
        assert refused.status_code == 403
        page_of_viewer = client.get(address, headers={"x-role": "VIEWER"})
        assert (page_of_viewer.status_code, "<form" in page_of_viewer.text) == (200, False)
        assert "<b>" not in page_of_viewer.text
        done = client.put(f"{api}/poster?note=new", content=picture(), headers=current)
        assert (done.status_code, done.headers["ETag"]) == (200, '"5"')


RATE, FRAMES = 25, 100
SEEN = """() => { const video = document.querySelector("#look video"), canvas = document.createElement("canvas");
  canvas.width = canvas.height = 1; const drawn = canvas.getContext("2d"); drawn.drawImage(video, 0, 0, 1, 1);
  return drawn.getImageData(0, 0, 1, 1).data[0]; }"""


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """A hundred frames, each brighter than the one before."""
    pictures = b"".join(bytes([16 + 2 * n]) * 64 * 64 + bytes([128]) * 64 * 32 for n in range(FRAMES))
    raw, made = tmp_path / "film.yuv", tmp_path / "film.mp4"
    raw.write_bytes(pictures)
    argv = [ffmpeg(), "-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", "64x64", "-r", str(RATE), "-i", str(raw)]
    run([*argv, "-c:v", "libx264", "-qp", "1", "-g", "50", str(made)], timeout_s=60)
    return made


def with_a_picture(title_id: int) -> None:
    """A release of the title, whose page then offers to look at it."""
    release_id = packaged(title_id, "p")
    with begin() as session:
        video = VideoRendition.model_validate(RENDITION).model_dump(mode="json")
        row = releases.get(session, release_id)
        row.document = (row.document or {}) | {"duration_s": FRAMES / RATE, "video": [video]}
        releases.point(session, release_id, action="publish", actor="test")


def send_range(route: "Route", content: bytes) -> None:
    """As the server sends a file, of which a browser asks for parts."""
    first = int(route.request.headers["range"].removeprefix("bytes=").split("-")[0])
    headers = {"Content-Range": f"bytes {first}-{len(content) - 1}/{len(content)}", "Accept-Ranges": "bytes"}
    route.fulfill(status=206, body=content[first:], content_type="video/mp4", headers=headers)


def test_marks_are_set_at_the_frame_that_is_seen(browser: "Browser", site: str, title_id: int, film: Path) -> None:
    from playwright.sync_api import expect

    with_a_picture(title_id)
    faults = list[str]()
    page = opened(browser, f"{site}/titles/{title_id}", faults)
    page.route("**/picture.mp4", lambda route: send_range(route, film.read_bytes()))
    look = page.locator("#look")
    look.get_by_text("Set them while looking").click()
    at = look.locator("output")
    brightness = []
    for step, frame in (("1 s on", 25), ("1 s on", 50), ("A frame back", 49), ("A frame on", 50), ("A frame on", 51)):
        look.get_by_role("button", name=step, exact=True).click()
        expect(at).to_have_text(f"{frame / RATE:.3f} s, frame {frame}")
        brightness.append(page.evaluate(SEEN))
    assert brightness[0] < brightness[2] < brightness[1] == brightness[3] < brightness[4]
    look.get_by_role("button", name="Credits start").click()
    expect(look.locator("p[role=status]")).to_contain_text("2.040 s")
    look.get_by_role("button", name="1 s back").click()
    expect(at).to_have_text("1.040 s, frame 26")
    look.get_by_role("button", name="A chapter starts").click()
    form = page.locator("section[aria-labelledby=marks]")
    form.locator("[name='chapters.0.titles']").fill("en: The light")
    form.locator("[name=credits_start_s]").focus()
    expect(at).to_have_text("2.040 s, frame 51")  # the field of a mark shows its frame
    assert page.evaluate(SEEN) == brightness[4]
    form.get_by_role("button", name="Save").click()
    expect(page.locator("#history + .scroll")).to_contain_text("marks")
    with begin() as session:
        marks = Marks.model_validate(descriptions.read(session, titles.get(session, title_id))["marks"])
    assert marks.credits_start_s == 51 / RATE
    assert [(each.start_s, each.titles) for each in marks.chapters] == [(26 / RATE, {"en": "The light"})]
    assert not faults
    page.context.close()
    with httpx.Client() as client:  # only who may change a title sees it in the clear
        address = f"{site}/titles/{title_id}/picture.mp4"
        assert client.get(address, headers={"x-role": "VIEWER"}).status_code == 403
        assert client.get(address).status_code == 404
