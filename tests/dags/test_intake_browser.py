"""The upload page in Chromium: a film that is cut off by a killed server and by a closed page arrives whole."""

import hashlib
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from marquee.embedded.ports import free

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

ROOT = Path(__file__).resolve().parents[2]
FILM = random.Random(5).randbytes(9 * 1024 * 1024 + 17)  # three pieces of the page's own size
SERVE = """
import sys
from airflow.api_fastapi.app import create_auth_manager
from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser
from airflow.api_fastapi.core_api.security import get_user
from fastapi import FastAPI
import uvicorn
from marquee_airflow import intake_pages

create_auth_manager()
intake_pages.app.dependency_overrides[get_user] = lambda: SimpleAuthManagerUser(username="ops", role="USER")
site = FastAPI()
site.mount("/marquee-intake", intake_pages.app)

class Server(uvicorn.Server):
    async def startup(self, sockets=None):
        await super().startup(sockets)
        print("ready", flush=True)

Server(uvicorn.Config(site, port=int(sys.argv[1]), log_level="warning")).run()
"""


class Desk:
    """The plugin's app in a server of its own, which can be killed and started again."""

    def __init__(self, home: Path) -> None:
        self.port = free(1)[0]
        self.home = home
        self.start()

    def start(self) -> None:
        env = {
            **os.environ,
            "MARQUEE_HOME": str(self.home),
            "AIRFLOW_HOME": str(self.home),
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": "postgresql+psycopg2://nobody@127.0.0.1:1/none",
            "PYTHONPATH": f"{ROOT}:{ROOT}/plugins",
        }
        argv = [sys.executable, "-c", SERVE, str(self.port)]
        self.process = subprocess.Popen(argv, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout
        assert any(line == "ready\n" for line in self.process.stdout)

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path / "home")
    yield desk
    desk.kill()


def opened(browser: "Browser", desk: Desk, width: int = 1440) -> "Page":
    page = browser.new_context(viewport={"width": width, "height": 900}).new_page()
    page.goto(f"http://localhost:{desk.port}/marquee-intake/upload")
    return page


def test_a_film_that_is_cut_off_twice_arrives_whole(browser: "Browser", desk: Desk, tmp_path: Path) -> None:
    from playwright.sync_api import expect

    film, subtitles = tmp_path / "my film.mkv", tmp_path / "my film.srt"
    film.write_bytes(FILM)
    subtitles.write_text("1\n00:00:00,000 --> 00:00:01,000\nHello\n")
    page = opened(browser, desk)
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.get_by_label("Title", exact=True).fill("My film")
    page.get_by_label("Year").fill("2001")
    page.get_by_label("Genres").fill("Drama!")
    page.get_by_label("Film", exact=True).set_input_files(film)
    page.get_by_label("Subtitles", exact=True).set_input_files(subtitles)
    page.get_by_label("Language", exact=True).fill("en")
    page.get_by_role("button", name="Upload").click()
    page.get_by_role("alert").get_by_text("genres.0").wait_for()  # told before any byte went
    page.get_by_label("Genres").fill("drama")

    pieces = 0

    def cut(route: "Route") -> None:
        nonlocal pieces
        pieces += int(route.request.headers["upload-offset"] != "0")
        if pieces == 1:
            desk.kill()
            desk.start()
            route.abort()
        elif pieces > 2:
            route.abort()
        else:
            route.continue_()

    page.route("**/files/0", lambda route: cut(route) if route.request.method == "PATCH" else route.continue_())
    page.get_by_role("button", name="Upload").click()
    page.get_by_role("status").get_by_text("going on soon").wait_for()
    expect(page.locator('[data-number="0"] progress')).to_have_js_property("value", 8 * 1024 * 1024, timeout=30_000)
    assert not (desk.home / "inbox" / "my-film").exists()
    page.context.close()
    assert not faults

    again = opened(browser, desk, width=1024)
    again.on("dialog", lambda dialog: dialog.accept())
    assert again.locator('[data-number="0"] progress').get_attribute("value") == str(8 * 1024 * 1024)
    again.get_by_label("Go on: choose its files again").set_input_files([film, subtitles])
    again.get_by_text("handed in", exact=True).wait_for()
    again.get_by_text(hashlib.sha256(FILM).hexdigest()).wait_for()
    assert again.evaluate("document.documentElement.scrollWidth <= innerWidth")
    folder = desk.home / "inbox" / "my-film"
    assert (folder / "my film.mkv").read_bytes() == FILM
    assert sorted(p.name for p in folder.iterdir()) == [".done", "my film.mkv", "my film.srt", "title.yaml"]
    again.context.close()
