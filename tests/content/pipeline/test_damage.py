"""Whatever breaks on a film's way to viewers is detected, and repaired or refused; nothing incomplete is ever shown.

Real parts: the encoder, the packager, a database that is killed, a disk that is full, a key server.
"""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread

import psycopg
import pytest
from sqlalchemy import update
from sqlalchemy.exc import DBAPIError

from marquee.catalogue import database, integrity, releases, titles
from marquee.catalogue.database import begin
from marquee.catalogue.models import ContentKeyRow, now
from marquee.content.delivery.compose import compose
from marquee.content.pipeline import (
    content_keys,
    encoding,
    ingest,
    planning,
    plans,
    quality,
    rekeying,
    releasing,
    scrubbing,
    verifying,
)
from marquee.content.pipeline.inline import carry
from marquee.content.pipeline.integrity import sign_again
from marquee.content.pipeline.planning import Planned
from marquee.content.pipeline.stores import origins, work
from marquee.contracts.errors import Conflict, GateFailed, MarqueeError, Unavailable
from marquee.contracts.integrity import Fault
from marquee.contracts.plan import DrmScheme
from marquee.contracts.release import Release
from marquee.embedded.ports import free
from marquee.embedded.postgres import EmbeddedPostgres
from marquee.settings import settings
from tests.conftest import MakeClip
from tests.content.drm.key_server import TestKeyServer

SECONDS = 3


@pytest.fixture(scope="module")
def encoded(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A work store for all tests: what one has encoded, the others find."""
    return f"file://{tmp_path_factory.mktemp('work')}"


@pytest.fixture
def clip(make_clip: MakeClip) -> Path:
    return make_clip("film.mp4", seconds=SECONDS, size="320x180")


@pytest.fixture
def installed(catalogue: None, encoded: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MARQUEE_WORK_URL", encoded)
    settings.cache_clear()


@pytest.fixture
def published(installed: None, clip: Path) -> Release:
    """A film that viewers get."""
    shown = carry(compose(settings().inbox, clip, title="A film", year=2026), ladder="preview", actor="test")
    with begin() as session:
        return releases.document(releases.get(session, shown.release_id))


def planned(clip: Path, title: str = "A film") -> Planned:
    """A film all of whose tracks are made, and not packaged."""
    taken = ingest.ingest(compose(settings().inbox, clip, title=title, year=2026))
    checked = quality.check(taken.delivery_id, "ebu-r128")
    made = planning.plan(taken.delivery_id, checked.report_id, ladder="preview", scheme=DrmScheme.CBCS)
    for job in made.chunks:
        encoding.encode(job)
    for track in made.tracks:
        encoding.make_track(track)
    for rung in made.rungs:
        encoding.join_and_verify(made.plan, rung)
    return made


def shown(slug: str = "a-film") -> int | None:
    with begin() as session:
        return titles.of_slug(session, slug).current_release_id


def segment(release: Release, region: str) -> Path:
    path = next(f.path for f in release.files if f.path.endswith("/1.m4s") and f.path.startswith("video/"))
    return settings().home / "origin" / region / release.prefix / path


def flipped(release: Release) -> tuple[str, Fault]:
    path = segment(release, "us")
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    return "us", Fault.BYTES


def truncated(release: Release) -> tuple[str, Fault]:
    path = segment(release, "ap")
    os.truncate(path, path.stat().st_size // 2)
    return "ap", Fault.SIZE


def deleted(release: Release) -> tuple[str, Fault]:
    shutil.rmtree(settings().home / "origin" / "eu" / release.prefix)
    return "eu", Fault.MISSING


@pytest.mark.parametrize("damage", [flipped, truncated, deleted])
def test_a_damaged_replica_is_refused_suspected_and_repaired(
    published: Release, damage: Callable[[Release], tuple[str, Fault]]
) -> None:
    release_id = published.release_id
    region, fault = damage(published)

    wrong = {each.what: each.wrong for each in verifying.verify(release_id) if each.wrong}
    assert set(wrong) == {f"replica {region}"}
    assert fault in wrong[f"replica {region}"]
    with pytest.raises(Unavailable, match=f"whole.*{region}"):
        releasing.publish(release_id, actor="test")

    (told,) = scrubbing.scrub_due(most_seconds=60)
    (finding,) = told.findings
    files = len(published.files) + 1 if damage is deleted else 1
    assert told.why
    assert (finding.region, finding.found, finding.repaired, told.failed) == (region, {fault: files}, files, None)
    assert [each for each in verifying.verify(release_id) if each.wrong] == []
    assert scrubbing.scrub_due(most_seconds=60) == []  # neither suspected nor due by age any more
    with begin() as session:
        assert integrity.findings(session, now().replace(year=2000)) == [finding]


def test_what_edges_could_not_get_is_looked_at_first(published: Release) -> None:
    scrubbing.scrub_due(most_seconds=60)
    region, fault = flipped(published)
    assert scrubbing.scrub_due(most_seconds=60) == []  # read a moment ago
    assert scrubbing.suspect_troubled({published.release_id: 4, 7: 9}) == 1  # 7 is no release any more
    (told,) = scrubbing.scrub_due(most_seconds=60)
    assert (told.why, told.findings[0].region, told.findings[0].found) == (
        "4 requests failed at edges", region, {fault: 1}
    )  # fmt: skip


def test_what_no_replica_has_is_told_and_never_shown_again(published: Release, installed: None, clip: Path) -> None:
    for region in origins():
        segment(published, region).unlink()
    told = scrubbing.scrub_release(published.release_id)
    assert told.failed
    assert "no replica has a good copy" in told.failed
    with begin() as session:
        assert integrity.due(session, now().replace(year=2000), 9) == [(published.release_id, told.failed)]
    with pytest.raises(Unavailable, match="whole"):
        releasing.roll_back("a-film", published.release_id, actor="test")


def test_a_document_that_was_changed_is_neither_shown_nor_spread(published: Release) -> None:
    forged = published.model_copy(update={"duration_s": published.duration_s + 1})
    with begin() as session:
        releases.get(session, published.release_id).document = forged.model_dump(mode="json")
    with pytest.raises(GateFailed, match="changed since it was signed"):
        releasing.publish(published.release_id, actor="test")
    told = scrubbing.scrub_release(published.release_id)
    assert "changed since it was signed" in (told.failed or "")
    assert all(b'"duration_s": 3' in store.read(f"{published.prefix}/release.json") for store in origins().values())


def test_a_release_older_than_signatures_is_signed_after_a_comparison(published: Release) -> None:
    unsigned = published.model_copy(update={"signature": None})
    with begin() as session:
        releases.get(session, published.release_id).document = unsigned.model_dump(mode="json")
    with pytest.raises(GateFailed, match="not signed"):
        releasing.publish(published.release_id, actor="test")
    region, _ = truncated(published)
    with pytest.raises(Unavailable, match=region):  # what cannot be compared is not signed
        sign_again(published.release_id)
    shutil.copy(segment(published, "eu"), segment(published, region))
    assert (sign_again(published.release_id), sign_again(published.release_id)) == (True, False)
    assert releasing.publish(published.release_id, actor="test").release_id == published.release_id


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 64 KiB, which a release does not fit on."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)]
    if os.geteuid() or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("nothing can be mounted here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_stops_the_publication_and_the_next_run_ends_it(
    installed: None, clip: Path, small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = settings().home
    monkeypatch.setenv("MARQUEE_ORIGIN_URLS", f'{{"eu": "file://{home}/eu", "us": "file://{small_disk}/us"}}')
    settings.cache_clear()
    made = planned(clip)
    with pytest.raises(Unavailable, match=r"replica us cannot be written.*No space left"):
        releasing.package(made.release_id)
    with pytest.raises(Conflict):
        releasing.publish(made.release_id, actor="test")
    assert shown() is None

    subprocess.run(["mount", "-o", "remount,size=64m", str(small_disk)], check=True)
    releasing.package(made.release_id)
    assert releasing.publish(made.release_id, actor="test").changed
    assert shown() == made.release_id


@pytest.fixture
def own_database(encoded: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[EmbeddedPostgres]:
    """A database server that may be killed."""
    with TemporaryDirectory(prefix="marquee-tests-") as folder:
        server = EmbeddedPostgres(Path(folder) / "postgres", free(1)[0], "password-of-the-tests")
        server.prepare()
        server.start()
        server.ensure_databases(["marquee"])
        monkeypatch.setenv("MARQUEE_DATABASE_URL", server.url)
        monkeypatch.setenv("MARQUEE_HOME", str(tmp_path / "home"))
        monkeypatch.setenv("MARQUEE_WORK_URL", encoded)
        settings.cache_clear()
        database.migrate()
        yield server
        server.stop()
        database.engine().dispose()
        monkeypatch.undo()
        settings.cache_clear()


WAITING = "select count(*) from pg_locks where not granted and relation = %s::regclass"


def kill(server: EmbeddedPostgres) -> None:
    """All of its processes at once, without a word to clients or disk: PostgreSQL's immediate shutdown."""
    process = server._process
    assert process
    process.send_signal(signal.SIGQUIT)
    process.wait()


def killed_while(server: EmbeddedPostgres, table: str, work: Callable[[], object]) -> list[BaseException]:
    """What a piece of work raised when the server was killed as it wanted to write a table."""
    raised: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except (DBAPIError, MarqueeError) as error:
            raised.append(error)

    worker = Thread(target=run)
    with psycopg.connect(f"{server.url}/marquee") as holder:
        holder.execute(f"lock table {table} in exclusive mode".encode())
        worker.start()
        deadline = time.monotonic() + 120
        while holder.execute(WAITING, [table]).fetchall() == [(0,)]:
            assert time.monotonic() < deadline, f"nobody wants {table}"
            assert worker.is_alive(), raised
            time.sleep(0.01)
        kill(server)
        with pytest.raises(psycopg.OperationalError):
            holder.execute("select 1")
    worker.join()
    return raised


def test_a_database_lost_in_publication_leaves_what_viewers_had(own_database: EmbeddedPostgres, clip: Path) -> None:
    made = planned(clip)
    assert killed_while(own_database, "releases", lambda: releasing.package(made.release_id))
    own_database.start()
    with begin() as session:
        assert releases.get(session, made.release_id).document is None
    with pytest.raises(Conflict):
        releasing.publish(made.release_id, actor="test")
    releasing.package(made.release_id)

    assert killed_while(own_database, "publications", lambda: releasing.publish(made.release_id, actor="test"))
    own_database.start()
    assert shown() is None
    assert releasing.publish(made.release_id, actor="test").changed
    assert shown() == made.release_id


@pytest.fixture
def serving(
    key_server: TestKeyServer, installed: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> TestKeyServer:
    """The installation's key server."""
    (tmp_path / "server.pem").write_bytes(key_server.own.certificate_pem)
    for name, value in {
        "URL": key_server.url,
        "IDENTITY": key_server.client.write(tmp_path / "us.pem"),
        "CERTIFICATE": tmp_path / "server.pem",
        "AUTHORIZATION": "Basic b3BlcmF0b3I=",
        "INSIDE": "true",
    }.items():
        monkeypatch.setenv(f"MARQUEE_KEY_SERVER_{name}", str(value))
    settings.cache_clear()
    return key_server


def test_a_key_server_that_is_away_or_wrong_stops_before_anything_is_packaged(
    serving: TestKeyServer, clip: Path
) -> None:
    made = planned(clip)
    for fault in ("a key missing", "another content", "a short key", "another key id", "changed after signing"):
        serving.fault = fault
        with pytest.raises(GateFailed):
            releasing.package(made.release_id)
    serving.status = 503
    with pytest.raises(Unavailable, match="key server"):
        releasing.package(made.release_id)
    with begin() as session:
        assert releases.keys(session, made.release_id) == []
        assert releases.get(session, made.release_id).document is None
    assert not any(list(store.keys()) for store in origins().values())

    serving.fault, serving.status = "", 200
    release = releasing.package(made.release_id)
    asked = {(content, kids) for content, kids in serving.asked}
    assert len(asked) == 1  # the same content and the same ids each time
    ((content, kids),) = asked
    assert content == str(made.release_id)
    assert {each.kid for each in (*release.video, *release.audio)} == {kid.replace("-", "") for kid in kids}
    with begin() as session:
        held = content_keys.of_release(session, made.release_id, DrmScheme.CBCS)
    assert {key.reveal() for key in held.values()} == {serving.key(kid) for kid in kids}
    assert [each for each in verifying.verify(made.release_id) if each.wrong] == []


def test_each_release_has_keys_of_its_own(published: Release) -> None:
    plan = plans.load(published.plan)
    with begin() as session:
        second = releases.open_release(session, published.title_id, published.plan, "another delivery").id
    first, other = (content_keys.for_release(n, plan, DrmScheme.CBCS) for n in (published.release_id, second))
    assert first.keys() == other.keys()
    assert {key.kid for key in first.values()} == {each.kid for each in (*published.video, *published.audio)}
    assert not {k.kid for k in first.values()} & {k.kid for k in other.values()}
    assert not {k.reveal() for k in first.values()} & {k.reveal() for k in other.values()}


def test_keys_are_exchanged_by_period_without_encoding(published: Release, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MARQUEE_KEY_DAYS", "30")
    settings.cache_clear()
    assert rekeying.due() == []
    with begin() as session:
        session.execute(update(ContentKeyRow).values(created_at=now().replace(year=2020)))
    (due,) = rekeying.due()
    assert (due.slug, due.release_id, due.scheme) == ("a-film", published.release_id, DrmScheme.CBCS)

    before = set(work().keys())
    anew = rekeying.renew("a-film", actor="test")
    assert anew.changed
    assert shown() == anew.release_id != published.release_id
    assert rekeying.due() == []
    with begin() as session:
        first, second = (content_keys.of_release(session, n, DrmScheme.CBCS) for n in (due.release_id, anew.release_id))
        release = releases.document(releases.get(session, anew.release_id))
    assert not {k.reveal() for k in first.values()} & {k.reveal() for k in second.values()}
    assert [v.model_copy(update={"kid": None}) for v in release.video] == [
        v.model_copy(update={"kid": None}) for v in published.video
    ]
    made = {key for key in work().keys() if key.endswith(".mp4")}  # noqa: SIM118 (a store)
    assert made <= before  # nothing was encoded
