"""A title's way through Airflow: published, delivered again, refused, held, rolled back."""

import hashlib
import json
import os
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from marquee.content.edge.nginx import STANDING_S
from tests.conftest import MakeClip
from tests.e2e.conftest import DAG, Platform, at_edges, release, until

pytestmark = pytest.mark.slow

SECONDS, RATE = 12, 25
SRT = "1\n00:00:01,000 --> 00:00:04,000\nA caption of the test.\n\n2\n00:00:05,000 --> 00:00:08,000\nAnother one.\n"
TABLES = ("titles", "title_texts", "deliveries", "qc_reports", "releases", "publications", "content_keys")


@pytest.fixture(scope="module")
def clip(make_clip: MakeClip) -> Path:
    return make_clip("film.mp4", seconds=SECONDS, rate=str(RATE))


@pytest.fixture(scope="module")
def first(platform: Platform, clip: Path) -> str:
    """A published title with a subtitle track."""
    subtitles = [{"file": "film.en.srt", "language": "en"}]
    platform.publish("first", clip, subtitles=subtitles, files={"film.en.srt": SRT})
    return "first"


def snapshot(platform: Platform) -> dict[str, list[Any]]:
    return {table: platform.rows(f"select t::text from {table} t order by 1") for table in TABLES}


def states(platform: Platform, run: str) -> dict[str, set[str | None]]:
    found: dict[str, set[str | None]] = {}
    for task in platform.airflow.tasks(DAG, run):
        found.setdefault(task["task_id"], set()).add(task["state"])
    return found


def test_every_rendition_has_all_the_frames_and_every_replica_all_the_bytes(platform: Platform, first: str) -> None:
    document = release(platform, first)
    assert {v["frames"] for v in document["video"]} == {SECONDS * RATE}
    assert len({v["kid"] for v in document["video"]} | {a["kid"] for a in document["audio"]}) >= 2
    assert [t["cues"] for t in document["text"]] == [2]
    for region in platform.settings.origins:
        folder = platform.settings.home / "origin" / region / document["title_id"] / document["release_id"]
        for file in document["files"]:
            content = (folder / file["path"]).read_bytes()
            assert hashlib.sha256(content).hexdigest() == file["sha256"], f"{region}: {file['path']}"


def test_the_first_viewer_is_served_from_the_edges_cache(platform: Platform, first: str) -> None:
    session = platform.play(first)
    document = release(platform, first)
    paths = [f["path"] for f in document["files"] if f["path"].partition("/")[0] in {"video", "audio", "text"}]
    for base in at_edges(session):
        seen = [httpx.get(f"{base}/{path}").headers["X-Cache-Status"] for path in paths]
        assert seen.count("HIT") >= 0.95 * len(seen), dict(zip(paths, seen, strict=True))


def test_nothing_is_served_without_its_token(platform: Platform, first: str) -> None:
    session, document = platform.play(first), release(platform, first)
    segment = next(f["path"] for f in document["files"] if f["path"].endswith("/1.m4s"))
    prefix = f"{document['title_id']}/{document['release_id']}"
    url, token = httpx.URL(f"{at_edges(session)[0]}/{segment}"), session["media"]["token"]
    assert httpx.get(url).status_code == 200
    for path in (f"/{prefix}/dash/manifest.mpd", f"/{prefix}/{segment}", f"/m/{token[:-2]}xx/{prefix}/{segment}"):
        assert httpx.get(url.copy_with(path=path)).status_code in {401, 403, 404}, path
    other = f"{document['title_id']}/{int(document['release_id']) + 1}"
    assert httpx.get(url.copy_with(path=f"/m/{token}/{other}/{segment}")).status_code == 403
    api = f"http://127.0.0.1:{platform.settings.port_api}"
    kid = document["video"][0]["kid"]
    manifest = httpx.URL(session["manifests"][0]["url"])
    assert httpx.get(manifest).status_code == 200
    assert httpx.get(manifest.copy_set_param("token", token)).status_code == 403
    assert httpx.post(f"{api}/v1/licences/clearkey", json={"kids": []}).status_code == 401
    assert httpx.get(f"{api}/v1/licences/keys/{kid}").status_code == 401


def test_a_session_that_ends_is_refused_at_every_edge(platform: Platform, first: str) -> None:
    session, document = platform.play(first), release(platform, first)
    segment = next(f["path"] for f in document["files"] if f["path"].endswith("/1.m4s"))
    urls = [f"{base}/{segment}" for base in at_edges(session)]
    assert [httpx.get(url).status_code for url in urls] == [200, 200]
    own = {"Authorization": f"Bearer {session['token']}"}
    platform.ask("DELETE", f"/v1/playback-sessions/{session['session_id']}", headers=own)
    ended = time.monotonic()
    for url in urls:
        until(lambda url=url: httpx.get(url).status_code == 403, 60, "the edge refuses the session", every_s=0.5)
    assert time.monotonic() - ended < STANDING_S + 5


def test_the_same_delivery_again_makes_nothing(platform: Platform, first: str, clip: Path) -> None:
    before = snapshot(platform)
    chunks = {p: p.stat().st_mtime_ns for p in (platform.settings.home / "work" / "chunks").iterdir()}
    subtitles = [{"file": "film.en.srt", "language": "en"}]
    run = platform.publish(first, clip, subtitles=subtitles, files={"film.en.srt": SRT})
    seen = states(platform, run)
    assert seen["encode"] == seen["make_track"] == seen["package"] == {"skipped"}
    assert snapshot(platform) == before
    assert {p: p.stat().st_mtime_ns for p in (platform.settings.home / "work" / "chunks").iterdir()} == chunks


def test_new_subtitles_are_put_in_and_nothing_is_encoded(platform: Platform, first: str) -> None:
    ops, viewer = desk(platform, "ops"), desk(platform, "viewer")
    before = release(platform, first)
    titles, text = f"/marquee/api/titles/{before['title_id']}", SRT.replace("A caption", "A better caption").encode()
    wanted = {"track": {"type": "subtitles", "file": "better.srt", "language": "en"}, "size": len(text)}
    assert viewer.post(f"{titles}/tracks", json=wanted).status_code == 403
    upload = ops.post(f"{titles}/tracks", json=wanted).json()["id"]
    piece = {"Tus-Resumable": "1.0.0", "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
    address = f"/marquee-intake/api/uploads/{upload}/files/0"
    assert ops.patch(address, content=text, headers=piece).status_code == 204
    assert viewer.put(f"{titles}/tracks/{upload}", json={}).status_code == 403
    made = encoded(platform)
    run = ops.put(f"{titles}/tracks/{upload}", json={"note": "a mistake"}).json()["run_id"]
    assert platform.finish(run) == "success"
    assert encoded(platform) == made
    after, playing = release(platform, first), platform.play(first)
    assert after["release_id"] != before["release_id"]
    assert b"A better caption" in httpx.get(f"{at_edges(playing)[0]}/text/en/en.vtt").content
    assert ("publish", "ops") in platform.rows("select action, actor from publications")
    assert ("track", "ops", "a mistake") in platform.rows("select action, actor, note from title_versions")

    assert viewer.post(f"{titles}/encode", json={"scheme": "none"}).status_code == 403
    run = ops.post(f"{titles}/encode", json={"scheme": "none"}).json()["run_id"]
    assert platform.finish(run) == "success"
    assert encoded(platform) == made
    assert release(platform, first)["scheme"] == "none"
    run = ops.post(f"{titles}/encode", json={"scheme": "cbcs"}).json()["run_id"]
    assert platform.finish(run) == "success"
    assert release(platform, first) == after


def encoded(platform: Platform) -> dict[Path, int]:
    """Every encoded file with the time at which it was written."""
    work = platform.settings.home / "work"
    files = (path for folder in ("chunks", "video", "audio", "thumbs") for path in (work / folder).rglob("*.*"))
    return {path: path.stat().st_mtime_ns for path in files}


def test_a_bad_delivery_is_refused_and_nothing_else_notices(platform: Platform, first: str, tmp_path: Path) -> None:
    bad = tmp_path / "bad.mp4"
    bad.write_text("ffconcat version 1.0\nfile /etc/passwd\n")
    before, shown = platform.marquee("status").stdout.split("\n"), release(platform, first)
    platform.deliver("bad", bad, done=False)
    run = platform.trigger("bad")
    assert platform.finish(run) == "failed"
    assert states(platform, run)["ingest"] == {"failed"}
    (kept,) = (platform.settings.home / "quarantine").glob("bad-*")
    assert (kept / "reason.json").exists()
    assert not (platform.settings.home / "inbox" / "bad").exists()
    assert platform.rows("select document->>'code' from deliveries where slug = 'bad'") == [("playlist",)]
    assert release(platform, first) == shown
    after = platform.marquee("status").stdout.split("\n")
    assert [line.split()[:3] for line in after] == [line.split()[:3] for line in before]


def test_the_inbox_watch_carries_a_delivery_that_is_done(platform: Platform, make_clip: MakeClip) -> None:
    platform.deliver("watched", make_clip("quiet.mp4", seconds=4, size="320x180", audio=False), year=2001, silent=True)

    def started() -> str | None:
        runs = platform.airflow.call("GET", f"/dags/{DAG}/dagRuns", params={"limit": 100})["dag_runs"]
        return next((r["dag_run_id"] for r in runs if r["dag_run_id"].startswith("delivery__watched__")), None)

    run = until(started, 60, "a run for the delivery", every_s=0.5)
    assert platform.finish(run) == "success"
    assert platform.title("watched")["year"] == 2001
    assert {v["codec"] for v in release(platform, "watched")["video"]} == {"h264", "av1"}


def test_a_ladder_is_searched_by_tasks_of_its_own(platform: Platform, make_clip: MakeClip) -> None:
    run = platform.publish("tailored", make_clip("tailored.mp4", seconds=2, size="192x108"), ladder="tailored")
    seen = states(platform, run)
    assert seen["probe"] == seen["encode"] == {"success"}
    assert seen["log_ladder"] <= {"success", "skipped"}  # skipped where no MLflow runs beside the platform
    assert {video["codec"] for video in release(platform, "tailored")["video"]} == {"h264"}
    (plan,) = platform.rows("select plan from releases r join titles t on r.title_id = t.id where slug = 'tailored'")[0]
    kept = json.loads((platform.settings.home / "work" / plan / "ladder.json").read_text())
    assert kept["search"]["seconds"] > 0 < kept["encode_s"]
    assert len(kept["outcomes"]) == len(kept["search"]["rungs"])


def test_what_qc_holds_waits_for_a_person_with_a_reason(platform: Platform, make_clip: MakeClip) -> None:
    dark, light = "color=black:size=320x180:rate=25:duration=5", "testsrc2=size=320x180:rate=25:duration=4"
    black = f"{dark},format=yuv420p[b];{light}[t];[b][t]concat"
    held = make_clip("held.mp4", audio=False, video=black)
    platform.deliver("held", held, done=False)
    run = platform.trigger("held")
    until(lambda: states(platform, run).get("approve") == {"awaiting_input"}, 120, "QC asks", every_s=1)
    assert platform.rows("select state from titles where slug = 'held'") == [("on_hold",)]
    assert any(q["task_instance"]["dag_run_id"] == run for q in platform.airflow.questions())

    platform.decide(run, "Reject", "too dark")
    assert platform.finish(run) == "failed"
    assert states(platform, run)["plan"] == {"skipped"}
    assert platform.rows("select state from titles where slug = 'held'") == [("rejected",)]
    decided = (
        "select decision, decision_reason from qc_reports q join titles t on t.id = q.title_id where slug = 'held'"
    )
    assert platform.rows(decided) == [("Reject", "too dark")]


def test_a_new_version_replaces_the_old_one_and_can_be_rolled_back(platform: Platform, make_clip: MakeClip) -> None:
    platform.publish("versions", make_clip("v1.mp4", seconds=6, size="320x180"))
    old = release(platform, "versions")
    playing = platform.play("versions")
    run = platform.publish("versions", make_clip("v2.mp4", seconds=7, size="320x180"), priority="urgent")
    assert {task["priority_weight"] // 1000 for task in platform.airflow.tasks(DAG, run)} == {100}
    new = release(platform, "versions")
    assert old["release_id"] != new["release_id"]

    segment = next(f["path"] for f in old["files"] if f["path"].endswith("/1.m4s"))
    url = f"{at_edges(platform.beat(playing))[0]}/{segment}"
    assert old["release_id"] in url
    assert httpx.get(url).status_code == 200  # who began with the old release goes on with it

    said = platform.marquee("rollback", "versions").stdout
    assert old["release_id"] in said
    assert release(platform, "versions") == old
    run = platform.airflow.trigger("title_rollback", {"title": "versions", "release_id": new["release_id"]})
    assert platform.finish(run, dag="title_rollback") == "success"
    assert release(platform, "versions") == new
    history = "select action from publications p join titles t on t.id = p.title_id where slug = 'versions' order by at"
    assert [row[0] for row in platform.rows(history)] == ["publish", "publish", "rollback", "rollback"]


def test_a_title_is_edited_withdrawn_and_deleted_at_the_desk(platform: Platform, make_clip: MakeClip) -> None:
    platform.publish("desk", make_clip("desk.mp4", seconds=4, size="320x180"))
    old = release(platform, "desk")
    run = platform.publish("desk", make_clip("desk-2.mp4", seconds=3, size="320x180"))
    shown, playing = release(platform, "desk"), platform.play("desk")
    segment = next(f["path"] for f in shown["files"] if f["path"].endswith("/1.m4s"))
    url, title = f"{at_edges(playing)[0]}/{segment}", f"/v1/titles/{shown['title_id']}"
    assert httpx.get(url).status_code == 200
    ops, viewer = desk(platform, "ops"), desk(platform, "viewer")
    api, page = f"/marquee/api/titles/{shown['title_id']}", f"/marquee/titles/{shown['title_id']}"
    version = {"If-Match": ops.get(api).headers["etag"]}
    edit = {"changes": {"texts": {"en": {"title": "Edited"}}}}
    assert viewer.patch(api, json=edit, headers=version).status_code == 403
    assert ops.patch(api, json=edit, headers=version).status_code == 200
    assert platform.get(title).json()["name"] == "Edited"
    assert "Edited" in viewer.get(page).text
    assert "<button>Save" not in viewer.get(page).text
    assert "<button>Save" in ops.get(page).text
    assert run in ops.get(f"{page}/runs").text

    assert ops.post(f"{api}/rollback", json={"release_id": old["release_id"]}).status_code == 202
    until(lambda: release(platform, "desk") == old, 120, "Title rollback shows the first release", every_s=0.5)
    assert ("rollback", "ops") in platform.rows("select action, actor from publications")

    assert ops.post(f"{api}/withdraw", json={"reason": "rights"}).status_code == 200
    assert platform.get(title).status_code == 404
    beat = {"json": {"position_ms": 1}, "headers": {"Authorization": f"Bearer {playing['token']}"}}
    path = f"/v1/playback-sessions/{playing['session_id']}/heartbeat"
    assert httpx.post(f"http://127.0.0.1:{platform.settings.port_api}{path}", **beat).status_code == 404
    asked = "select purge_asked_at from titles where slug = 'desk'"
    until(lambda: platform.rows(asked) == [(None,)], 180, "Title upkeep empties the caches", every_s=0.5)
    until(lambda: httpx.get(url).status_code == 403, 60, "the edge refuses the session", every_s=0.5)

    assert ops.delete(f"{api}?grace_days=0").status_code == 200
    until(lambda: platform.rows(asked) == [], 180, "Title upkeep deletes the title", every_s=0.5)
    assert list((platform.settings.home / "origin").glob(f"*/{shown['title_id']}")) == []
    assert ops.get(api).status_code == 404


def desk(platform: Platform, name: str) -> httpx.Client:
    """Airflow's site, asked by one of its users."""
    passwords = json.loads((platform.settings.home / "airflow/passwords.json").read_text())
    client = httpx.Client(base_url=platform.settings.airflow_url, timeout=60)
    answer = client.post("/auth/token", json={"username": name, "password": passwords[name]})
    client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
    return client


def test_secrets_stay_out_of_logs_and_files(platform: Platform, first: str) -> None:
    master = platform.settings.secret("master_key").encode()
    session = platform.play(first)
    manifest = session["manifests"][0]["url"]
    assert httpx.get(manifest).status_code == 200
    assert httpx.get(f"{at_edges(session)[0]}/audio/none.m4s").status_code == 404
    secrets = [session["media"]["token"], session["token"], httpx.URL(manifest).params["token"]]
    for path in (platform.settings.home / "logs").rglob("*"):
        if path.is_file() and os.access(path, os.R_OK):
            content = path.read_bytes()
            assert master not in content, path
            assert not [secret for secret in secrets if secret.encode() in content], path
