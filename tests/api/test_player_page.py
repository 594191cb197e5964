"""The player's page in a real browser, on a film of three seconds: its end, captions, keys, and what it says."""

import re
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import Page, Request, Route, expect
from sqlalchemy import select

from marquee.catalogue.database import begin
from marquee.catalogue.models import PlaybackSessionRow, PreviewRow, Progress
from marquee.content.desk import previews
from marquee.contracts.plan import DrmScheme
from marquee.tools.binaries import ffmpeg
from tests.api.conftest import Publish
from tests.api.test_every_page import AUDIT, AXE, RULES, keep, tab_to
from tests.plugin_browser import OpenPage
from tests.viewers import Member, watching

AT_AN_EDGE = "http://edge-a.localhost:8091/"
SERVED = re.compile(r"http://edge-\w+\.localhost:\d+/|/manifest\.mpd\?")
CAPTIONS = "WEBVTT\n\n00:00.000 --> 00:03.000\nWords for whoever cannot hear.\n"
CHAPTERS = [{"start_s": 0, "titles": {"en": "Before & after"}}, {"start_s": 2, "titles": {"en": "<b>"}}]
TEXT = """<AdaptationSet contentType="text" mimeType="text/vtt" lang="en"><Role
  schemeIdUri="urn:mpeg:dash:role:2011" value="subtitle"/><Representation id="text" bandwidth="100">
  <BaseURL>captions.vtt</BaseURL></Representation></AdaptationSet></Period>"""
CONTROLS = "() => [...document.querySelectorAll('.shaka-controls-container button')].map((each) => each.ariaLabel)"


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """DASH in the clear: three seconds of a test picture, and captions."""
    return encode(tmp_path_factory.mktemp("film"), "testsrc2=size=320x180:duration=3", rate=24)


@pytest.fixture(scope="module")
def long_film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same of two minutes, of which a player does not fetch the end at once."""
    return encode(tmp_path_factory.mktemp("long-film"), "color=size=64x36:duration=120", rate=4)


def encode(folder: Path, picture: str, *, rate: int) -> Path:
    """A test picture in segments of a second."""
    source = ["-f", "lavfi", "-i", f"{picture}:rate={rate}"]
    coded = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", str(rate)]
    cut = ["-f", "dash", "-seg_duration", "1", "-use_timeline", "0", str(folder / "manifest.mpd")]
    subprocess.run([ffmpeg(), "-v", "error", *source, *coded, *cut], check=True, cwd=folder)
    manifest = (folder / "manifest.mpd").read_text()
    manifest = manifest.replace("</Period>", TEXT).replace("<Period", f"<BaseURL>{AT_AN_EDGE}</BaseURL><Period", 1)
    (folder / "manifest.mpd").write_text(manifest)
    (folder / "captions.vtt").write_text(CAPTIONS)
    return folder


@pytest.fixture
def titles(publish: Publish) -> list[str]:
    """Three titles without protection, the oldest first."""
    return [
        publish(
            f"film-{n}",
            scheme=DrmScheme.NONE,
            metadata={"texts": {"en": {"title": f"Film {n}"}, "de": {"title": f"Der Film {n}"}}},
            release={"duration_s": 3, "marks": {}},
        ).title_id
        for n in range(3)
    ]


DESKTOP, PHONE = (pytest.mark.parametrize("open_page", [width], indirect=True) for width in ("desktop", "phone"))


def stage(page: Page, film: Path, **more: object) -> Member:
    """The page of a member, in front of an API and edges that have the film for every title."""

    def serve(route: Route) -> None:
        file = film / route.request.url.partition("?")[0].rpartition("/")[2]
        found = {"path": file} if file.is_file() else {"status": 404}
        route.fulfill(headers={"Access-Control-Allow-Origin": "*"}, **found)

    page.route(SERVED, serve)
    return watching(page, **more)


def prefer(member: Member, **wanted: object) -> None:
    member.ask("PUT", f"/v1/profiles/{member.profile_id}/preferences", wanted)
    member.page.goto("/")  # where the app learns of them
    expect(member.page.locator(".who")).to_be_visible()


def watch(page: Page, title_id: str) -> None:
    page.goto(f"/watch/{title_id}")
    page.wait_for_function("() => window.marquee?.video.readyState > 1")


WHOLE = """() => { const { video } = window.marquee, { buffered } = video;
    return !video.paused && buffered.length && buffered.end(buffered.length - 1) > video.duration - 0.3; }"""


def play(page: Page) -> None:
    """The start, where the browser waits for a click before it makes a sound."""
    page.evaluate("window.marquee.video.play().catch(() => undefined)")


@DESKTOP
def test_a_trailer_plays_at_a_click_and_leads_back(
    open_page: OpenPage, film: Path, titles: list[str], publish: Publish
) -> None:
    words = {"en": {"title": "The trailer"}}
    more = {"scheme": DrmScheme.NONE, "release": {"duration_s": 3, "marks": {}}}
    of = {"kind": "trailer", "trailer_of": "film-1", "texts": words}
    trailer = publish("trailer", metadata=of, **more).title_id
    page = open_page()
    stage(page, film)
    told: list[str] = []
    page.on("request", lambda request: told.append(request.post_data or "") if "/v1/events" in request.url else None)
    page.goto(f"/title/{titles[1]}")
    button = page.get_by_role("link", name="Trailer")
    expect(button).to_be_visible()
    assert page.locator("video").count() == 0  # nothing plays by itself
    button.click()
    page.wait_for_function("() => window.marquee?.video.currentTime > 0.2")
    assert not page.evaluate("window.marquee.video.muted")
    page.wait_for_url(f"**/title/{titles[1]}")  # when it has ended
    expect(page.get_by_role("heading", name="Film 1")).to_be_visible()
    assert not any('"viewstart"' in body for body in told)
    page.goto(f"/title/{trailer}")
    expect(page.get_by_role("heading", name="Film 1")).to_be_visible()


@DESKTOP
def test_the_next_title_begins_by_itself(open_page: OpenPage, film: Path, titles: list[str]) -> None:
    page = open_page()
    page.clock.install()
    stage(page, film)
    page.goto("/")
    page.get_by_role("link", name=re.compile("^Film 2")).last.click()
    page.get_by_role("link", name="Play").click()
    page.locator(".shaka-controls-container").wait_for(state="attached")  # whose key it is
    page.keyboard.press("f")
    page.wait_for_function("() => document.fullscreenElement")
    page.wait_for_function("() => window.marquee?.video.ended")
    expect(page.get_by_role("button", name="Play now")).to_be_focused()
    timer = page.get_by_role("timer")
    expect(timer).to_have_text("Plays in 10 seconds")
    keep(page, "end")
    page.clock.run_for(9_000)
    expect(timer).to_have_text("Plays in 1 second")
    assert page.url.endswith(titles[2])
    page.clock.run_for(1_000)
    page.wait_for_url(f"**/watch/{titles[1]}")
    page.wait_for_function("() => window.marquee.video.currentTime > 0.1")
    assert page.evaluate("document.fullscreenElement !== null")
    page.get_by_role("button", name="Back to the title").click()
    page.wait_for_function("() => !document.fullscreenElement")


@PHONE
def test_it_waits_when_it_is_told_to(open_page: OpenPage, film: Path, titles: list[str], axe: str) -> None:
    page = open_page("de-DE")
    page.clock.install()
    stage(page, film, languages=["de"])
    watch(page, titles[0])
    play(page)
    expect(page.get_by_role("button", name="Jetzt abspielen")).to_be_focused()
    keep(page, "end-de")
    page.evaluate(axe)
    assert page.evaluate(AUDIT, RULES) == []
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # "Nicht abspielen"
    expect(page.get_by_role("timer")).to_have_count(0)
    expect(page.get_by_role("button", name="Jetzt abspielen")).to_be_focused()
    expect(page.get_by_role("status")).to_have_text("Jetzt läuft nichts von selbst weiter.")
    page.clock.run_for(60_000)
    assert page.url.endswith(titles[0])
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(f"/watch/(?!{titles[0]})"))


@DESKTOP
def test_without_autoplay_it_is_only_offered(open_page: OpenPage, film: Path, titles: list[str]) -> None:
    page = open_page()
    member = stage(page, film)
    prefer(member, autoplay_next=False)
    watch(page, titles[0])
    play(page)
    expect(page.get_by_role("button", name="Play now")).to_be_visible()
    expect(page.get_by_role("timer")).to_have_count(0)


@DESKTOP
def test_captions_stand_on_what_was_chosen(open_page: OpenPage, film: Path, titles: list[str]) -> None:
    page = open_page()
    member = stage(page, film)
    for background, colour in ((True, "rgba(0, 0, 0, 0.8)"), (False, "rgba(0, 0, 0, 0)")):
        prefer(member, text_on=True, text_language="en", text_background=background)
        watch(page, titles[0])
        words = page.locator(".shaka-text-container span", has_text="Words for whoever").last
        expect(words).to_have_css("background-color", colour)
        keep(page, f"captions-{background}")
        (expect(words).to_have_css if background else expect(words).not_to_have_css)("text-shadow", "none")


@DESKTOP
def test_keys_and_words_of_the_controls(open_page: OpenPage, film: Path, titles: list[str], axe: str) -> None:
    page = open_page("en-GB")
    stage(page, film, languages=["de"])
    watch(page, titles[0])
    page.evaluate("window.marquee.video.pause()")
    page.mouse.move(200, 300)
    expect(page.locator(".shaka-controls-container")).to_have_attribute("shown", "true")
    expect(page.get_by_role("main", name="Es läuft Der Film 0")).to_be_visible()
    page.evaluate(axe)
    assert page.evaluate(AUDIT, RULES) == []
    keep(page, "controls-de")
    labels = [label for label in page.evaluate(CONTROLS) if label]
    assert {"Wiedergabe", "10 Sekunden zurück", "10 Sekunden vor", "Vollbildmodus"} <= set(labels)
    page.evaluate("window.marquee.video.currentTime = 0")
    tab_to(page, "10 Sekunden vor")
    page.keyboard.press("Enter")
    page.wait_for_function("() => window.marquee.video.currentTime > 2.9")
    tab_to(page, "Weitere Einstellungen")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Auflösung")).to_be_visible()
    keep(page, "settings-de")


@DESKTOP
def test_pointing_at_play_makes_ready_and_takes_no_place(open_page: OpenPage, film: Path, titles: list[str]) -> None:
    page = open_page()
    member = stage(page, film)
    sessions: list[Request] = []
    page.on("request", lambda each: sessions.append(each) if each.url.endswith("/v1/playback-sessions") else None)
    page.goto(f"/title/{titles[0]}")
    button = page.get_by_role("link", name="Play")
    with page.expect_response(re.compile("/manifest.mpd")):
        button.hover()
    assert member.ask("GET", "/v1/account/streams")["items"] == []
    with page.expect_response("**/heartbeat") as first:
        button.click()
    assert first.value.ok
    page.wait_for_function("() => window.marquee?.video.readyState > 1")
    assert [each.post_data_json["prepare"] for each in sessions] == [True]
    playing = member.ask("GET", "/v1/account/streams")["items"]
    assert [each["title_id"] for each in playing] == [titles[0]]
    names = page.evaluate("window.marquee.events.map((event) => event.name)")
    assert names[0] == "viewstart"
    assert names.count("manifestloaded") == 1


@PHONE
def test_without_a_network_it_waits_and_goes_on(open_page: OpenPage, film: Path, titles: list[str]) -> None:
    page = open_page()
    stage(page, film)
    page.goto(f"/title/{titles[0]}")
    page.wait_for_load_state("networkidle")  # the player is fetched
    page.context.set_offline(True)
    page.get_by_role("link", name="Play").click()
    expect(page.get_by_role("status")).to_contain_text("No connection")
    keep(page, "offline")
    page.context.set_offline(False)
    page.wait_for_function("() => window.marquee?.video.readyState > 1")
    expect(page.locator(".stage-notice")).to_have_count(0)


@DESKTOP
def test_a_network_that_fails_in_the_middle_ends_nothing(
    open_page: OpenPage, long_film: Path, titles: list[str]
) -> None:
    page = open_page()
    stage(page, long_film)
    watch(page, titles[0])
    page.wait_for_load_state("networkidle")
    away = [True]
    page.route(SERVED, lambda route: route.abort("internetdisconnected") if away else route.fallback())
    page.context.set_offline(True)
    before = page.evaluate("window.marquee.events.length")
    page.evaluate("void Object.assign(window.marquee.video, { currentTime: 100 }).play()")
    expect(page.locator(".stage-notice")).to_contain_text("No connection")
    page.wait_for_function("(n) => window.marquee.events.slice(n).some(({ error }) => error)", arg=before)
    expect(page.get_by_role("alert")).to_have_count(0)
    away.clear()
    page.context.set_offline(False)
    page.wait_for_function("() => window.marquee.video.currentTime > 100.2")
    expect(page.locator(".stage-notice")).to_have_count(0)
    told = page.evaluate("window.marquee.events.map(({ name }) => name)")
    assert told.count("loadstart") == 1  # what was buffered was kept


@PHONE
def test_a_failure_has_plain_words_and_a_reference_and_is_no_dead_end(
    open_page: OpenPage, film: Path, titles: list[str], axe: str
) -> None:
    page = open_page()
    stage(page, film)
    away = [True]
    page.route(SERVED, lambda route: route.abort() if away else route.fallback())
    with page.expect_response(lambda answer: answer.url.endswith("/v1/playback-sessions")) as opened:
        page.goto(f"/watch/{titles[0]}")
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("The connection was lost")
    expect(alert).to_contain_text(f"If it stays, quote 1002 · {opened.value.json()['session_id']}")
    page.evaluate(axe)
    assert page.evaluate(AUDIT, RULES) == []
    keep(page, "failure")
    away.clear()
    page.evaluate("window.dispatchEvent(new Event('online'))")
    page.wait_for_function("() => window.marquee.video.readyState > 1")
    expect(alert).to_have_count(0)


@DESKTOP
def test_keys_are_listed_and_say_what_they_did(open_page: OpenPage, film: Path, titles: list[str], axe: str) -> None:
    page = open_page()
    stage(page, film)
    watch(page, titles[0])
    page.evaluate("window.marquee.video.pause()")
    status = page.get_by_role("status")
    page.keyboard.press("c")
    expect(status).to_have_text("Captions on")
    page.keyboard.press("c")
    expect(status).to_have_text("Captions off")
    page.keyboard.press("j")
    expect(status).to_have_text("At 0:00")
    page.keyboard.press("ArrowDown")
    expect(status).to_have_text("Volume 90%")
    page.keyboard.press(">")
    expect(status).to_have_text("Speed 1.25")
    before = page.evaluate("window.marquee.video.currentTime")
    page.keyboard.press("?")
    sheet = page.get_by_role("dialog", name="Keyboard")
    expect(sheet).to_be_visible()
    page.evaluate(axe)
    assert page.evaluate(AUDIT, RULES) == []
    keep(page, "keys")
    page.keyboard.press("j")  # is not the player's now
    page.keyboard.press("Escape")
    expect(sheet).to_have_count(0)
    assert page.evaluate("window.marquee.video.currentTime") == before
    assert page.evaluate("navigator.mediaSession.metadata.title") == "Film 0"


@PHONE
def test_what_is_chosen_in_the_player_is_kept_for_the_profile(
    open_page: OpenPage, film: Path, titles: list[str], axe: str
) -> None:
    page = open_page()
    member = stage(page, film)
    prefer(member, text_on=True, text_language="en")
    watch(page, titles[0])
    page.evaluate("window.marquee.video.pause()")
    page.mouse.move(200, 300)
    page.locator(".shaka-overflow-menu-button").click()
    page.get_by_role("button", name="Captions, sound and data").click()
    page.evaluate(axe)
    assert page.evaluate(AUDIT, RULES) == []
    keep(page, "settings")
    with page.expect_response("**/preferences"):
        page.get_by_label("Colour of captions").select_option("Yellow")
    with page.expect_response("**/preferences"):
        page.get_by_label("Save data").check()
    page.get_by_role("button", name="Close").click()
    words = page.locator(".shaka-text-container span", has_text="Words for whoever").last
    expect(words).to_have_css("color", "rgb(255, 225, 77)")
    limits = page.evaluate("window.marquee.player.getConfiguration().abr.restrictions.maxPixels")
    assert limits < 1280 * 720
    (kept,) = (each["preferences"] for each in member.ask("GET", "/v1/profiles")["items"])
    assert kept.items() >= {"text_colour": "yellow", "data_saver": True, "text_on": True}.items()


@DESKTOP
def test_after_hours_without_a_hand_it_asks_whether_anybody_watches(
    open_page: OpenPage, film: Path, titles: list[str]
) -> None:
    page = open_page()
    page.clock.install()
    stage(page, film)
    watch(page, titles[0])
    page.evaluate("Object.assign(window.marquee.video, { loop: true, muted: true }).play()")
    page.wait_for_function(WHOLE)  # a jump of the clock is a timeout to whatever is on its way
    page.clock.run_for(60_000)
    expect(page.get_by_role("alertdialog")).to_have_count(0)
    page.clock.fast_forward("03:00:00")
    page.clock.run_for(60_000)
    expect(page.get_by_role("button", name="Go on watching")).to_be_focused()
    assert page.evaluate("window.marquee.video.paused")
    keep(page, "still")
    page.keyboard.press("Space")  # presses the button, and is not the player's
    page.wait_for_function("() => !window.marquee.video.paused")
    page.clock.fast_forward("03:00:00")
    page.clock.run_for(60_000)
    expect(page.get_by_role("alertdialog")).to_be_visible()
    page.clock.run_for(10 * 60_000)
    page.wait_for_url(f"**/title/{titles[0]}")  # and another device may play


@DESKTOP
def test_in_the_credits_the_next_title_is_near(open_page: OpenPage, film: Path, publish: Publish) -> None:
    first, second = (
        publish(
            f"part-{n}",
            scheme=DrmScheme.NONE,
            metadata={"texts": {"en": {"title": f"Part {n}"}}},
            release={"duration_s": 3, "marks": {"credits_start_s": 0.2, "chapters": CHAPTERS}},
        ).title_id
        for n in range(2)
    )
    page = open_page()
    stage(page, film)
    watch(page, first)
    page.evaluate("window.marquee.video.playbackRate = 0.1")
    play(page)
    expect(page.get_by_role("button", name="Skip credits")).to_be_visible()
    expect(page.get_by_role("button", name="Up next")).to_be_visible()
    keep(page, "credits")
    page.mouse.move(200, 300)
    page.locator(".shaka-overflow-menu-button").click()
    page.get_by_role("button", name="Chapters").click()
    for name in ("Before & after", "<b>"):
        expect(page.get_by_role("menuitem", name=name)).to_be_visible()
    keep(page, "chapters")
    for other in ("Keyboard", "Skip credits"):
        expect(page.get_by_role("button", name=other)).to_be_hidden()
    page.keyboard.press("n")
    page.wait_for_url(f"**/watch/{second}")


@pytest.fixture(scope="module")
def axe() -> str:
    if not AXE.is_file():
        pytest.skip("needs the web app's packages (make setup)")
    return AXE.read_text()


@pytest.fixture(scope="module")
def mixed_film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two sizes of the picture and two layouts of the sound, in four segments."""
    folder = tmp_path_factory.mktemp("mixed")
    sources = ["-f", "lavfi", "-i", "testsrc2=size=320x180:rate=24:duration=8"]
    sources += ["-f", "lavfi", "-i", "sine=frequency=330:duration=8"]
    split = "[0]split[large][s];[s]scale=160:90[small];[1]asplit[stereo][m];[m]pan=5.1|c0=c0|c1=c0|c2=c0[surround]"
    maps = [word for name in ("large", "small", "stereo", "surround") for word in ("-map", f"[{name}]")]
    coded = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "48", "-c:a", "aac"]
    coded += ["-ac:a:0", "2", "-ac:a:1", "6"]
    cut = [
        "-f",
        "dash",
        "-seg_duration",
        "2",
        "-use_timeline",
        "0",
        "-adaptation_sets",
        "id=0,streams=v id=1,streams=a",
    ]
    command = [ffmpeg(), "-v", "error", *sources, "-filter_complex", split, *maps, *coded, *cut]
    subprocess.run([*command, str(folder / "manifest.mpd")], check=True, cwd=folder)
    manifest = (folder / "manifest.mpd").read_text()
    (folder / "manifest.mpd").write_text(manifest.replace("<Period", f"<BaseURL>{AT_AN_EDGE}</BaseURL><Period", 1))
    return folder


@DESKTOP
def test_picture_and_sound_change_at_once(open_page: OpenPage, mixed_film: Path, titles: list[str]) -> None:
    page = open_page()
    stage(page, mixed_film)
    watch(page, titles[0])
    play(page)
    page.wait_for_function("() => window.marquee.video.currentTime > 0.2")
    picked = page.evaluate(
        """() => { const { player } = window.marquee; player.configure({ abr: { enabled: false } });
        const tracks = player.getVariantTracks(), now = tracks.find((t) => t.active);
        const other = tracks.find((t) => t.height !== now.height && t.channelsCount !== now.channelsCount);
        player.selectVariantTrack(other, true); return other.height; }"""
    )
    page.wait_for_function("() => window.marquee.video.ended")
    assert page.evaluate("window.marquee.video.videoHeight") == picked


@DESKTOP
def test_a_preview_plays_by_its_link_and_leaves_nothing(
    open_page: OpenPage, film: Path, publish: Publish, axe: str
) -> None:
    made = publish("unpublished", scheme=DrmScheme.NONE, release={"duration_s": 3, "marks": {}}, shown=False)
    page, sent = open_page(), list[str]()
    stage(page, film)
    page.on("request", lambda asked: sent.append(asked.url))
    link = previews.link(int(made.title_id), int(made.release_id), actor="ops").url
    page.goto(link)
    page.wait_for_function("() => window.marquee?.video.readyState > 1")
    assert page.url.endswith("/preview")
    expect(page.locator(".stage-preview")).to_contain_text("Preview for ops, not for the public")
    page.evaluate(axe)
    assert page.evaluate(AUDIT, RULES) == []
    keep(page, "preview")
    play(page)
    expect(page.get_by_role("button", name="Watch again")).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_function("() => window.marquee.video.currentTime > 0 && !window.marquee.video.ended")
    assert [url for url in sent if url.endswith("/v1/events") or link.partition("#")[2] in url] == []
    page.get_by_role("button", name="Back", exact=True).click()  # Shaka has one that jumps
    page.wait_for_url("**/")
    page.goto(link)
    expect(page.get_by_role("alert")).to_contain_text("This link opens nothing any more")
    page.reload()
    expect(page.get_by_role("heading")).to_have_text("A preview opens by its link, once")
    with begin() as session:
        assert session.scalars(select(PlaybackSessionRow)).all() == []
        assert session.scalars(select(Progress)).all() == []
        (kept,) = session.scalars(select(PreviewRow))
    assert kept.ended_at is not None
