"""Publication: in order, verified, resumable, harmless to what plays, repairable. On local disks and in memory."""

import hashlib
import shutil
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from marquee.content.origin.publish import publication_order, replicate
from marquee.content.origin.replica import RELEASE_FILE, complete, damaged, document, read_release, withdraw
from marquee.content.origin.scrub import scrub
from marquee.contracts.errors import GateFailed, MarqueeError, NotFound, Unavailable
from marquee.contracts.plan import DrmScheme
from marquee.contracts.release import Release, ReleaseFile
from marquee.contracts.title import Marks
from marquee.storage import Store

PATHS = (
    "art/poster.jpg",
    "dash/manifest.mpd",
    "hls/master.m3u8",
    "hls/video-a.m3u8",
    "video/a/1.m4s",
    "video/a/init.mp4",
    "thumbs/thumbnails.vtt",
)


class Recording(Store):
    """A real store that remembers the order of its writes, and can be told to fail at one of them."""

    def __init__(self, url: str, fail_at: str = "") -> None:
        super().__init__(url)
        self.written: list[str] = []
        self.fail_at = fail_at

    def put(self, key: str, source: Path) -> None:
        if self.fail_at and key.endswith(self.fail_at):
            raise OSError(28, "No space left on device")
        super().put(key, source)
        self.written.append(key)

    def write(self, key: str, content: bytes) -> None:
        super().write(key, content)
        self.written.append(key)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for path in PATHS:
        file = tmp_path / "release" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(path.encode() * 50)
    return tmp_path / "release"


def make_release(folder: Path, release_id: int = 2) -> Release:
    files = [(path, (folder / path).read_bytes()) for path in PATHS]
    return Release(
        release_id=release_id,
        title_id=1,
        slug="film",
        plan="0" * 16,
        profile="test",
        scheme=DrmScheme.CBCS,
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
        duration_s=6,
        segment_s=2,
        video=(),
        audio=(),
        text=(),
        marks=Marks(),
        files=tuple(ReleaseFile(path=p, sha256=hashlib.sha256(c).hexdigest(), size=len(c)) for p, c in files),
    )


@pytest.fixture(params=["file", "memory"])
def origins(request: pytest.FixtureRequest, tmp_path: Path) -> Mapping[str, Recording]:
    root = f"file://{tmp_path}/origin" if request.param == "file" else f"memory://{uuid.uuid4().hex}"
    return {region: Recording(f"{root}/{region}") for region in ("eu", "us", "ap")}


def test_every_replica_holds_every_byte(folder: Path, origins: Mapping[str, Recording]) -> None:
    release = make_release(folder)
    replicate(folder, release, origins)
    for store in origins.values():
        assert complete(store, release)
        assert {key.removeprefix("1/2/") for key in store.keys()} == {*PATHS, RELEASE_FILE}  # noqa: SIM118
        assert all(store.read(f"1/2/{path}") == (folder / path).read_bytes() for path in PATHS)
        assert read_release(store, 1, 2) == release


def test_nothing_is_written_before_what_it_names(folder: Path, origins: Mapping[str, Recording]) -> None:
    replicate(folder, make_release(folder), origins)
    for store in origins.values():
        order = [key.removeprefix("1/2/") for key in store.written]
        assert order[-1] == RELEASE_FILE
        assert set(order[-3:-1]) == {"dash/manifest.mpd", "hls/master.m3u8"}
        assert order[-4] == "hls/video-a.m3u8"


def test_the_order_does_not_depend_on_the_release_document(folder: Path) -> None:
    files = make_release(folder).files
    assert publication_order(files) == publication_order(files[::-1])


def test_a_second_run_writes_nothing(folder: Path, origins: Mapping[str, Recording]) -> None:
    release = make_release(folder)
    replicate(folder, release, origins)
    for store in origins.values():
        store.written.clear()
    replicate(folder, release, origins)
    assert [store.written for store in origins.values()] == [[], [], []]


def test_a_wrong_file_is_written_again(folder: Path, origins: Mapping[str, Recording]) -> None:
    release = make_release(folder)
    replicate(folder, release, origins)
    store = origins["us"]
    store.write("1/2/video/a/1.m4s", b"x" * release.files[4].size)
    store.written.clear()
    replicate(folder, release, origins)
    assert store.written == ["1/2/video/a/1.m4s"]
    assert complete(store, release)


def test_a_full_replica_fails_and_the_earlier_release_plays_on(folder: Path, origins: Mapping[str, Recording]) -> None:
    earlier, release = make_release(folder, 1), make_release(folder, 2)
    replicate(folder, earlier, origins)
    origins["us"].fail_at = "hls/video-a.m3u8"
    with pytest.raises(Unavailable, match="us"):
        replicate(folder, release, origins)
    assert all(complete(store, earlier) for store in origins.values())
    assert [complete(store, release) for store in origins.values()] == [True, False, True]
    assert not any(
        origins["us"].exists(f"1/2/{path}") for path in ("hls/master.m3u8", "dash/manifest.mpd", "release.json")
    )
    origins["us"].fail_at = ""
    replicate(folder, release, origins)
    assert all(complete(store, release) for store in origins.values())


def test_several_failures_are_all_named(folder: Path, origins: Mapping[str, Recording]) -> None:
    for region in ("eu", "ap"):
        origins[region].fail_at = "init.mp4"
    with pytest.raises(Unavailable, match=r"eu.*ap"):
        replicate(folder, make_release(folder), origins)


def test_a_folder_that_is_not_the_release_is_refused(folder: Path, origins: Mapping[str, Recording]) -> None:
    release = make_release(folder)
    (folder / "video/a/1.m4s").write_bytes(b"other bytes")
    with pytest.raises(GateFailed, match=r"video/a/1\.m4s"):
        replicate(folder, release, origins)
    (folder / "video/a/1.m4s").unlink()
    with pytest.raises(GateFailed, match=r"video/a/1\.m4s"):
        replicate(folder, release, origins)
    assert not any(store.exists("1/2/release.json") for store in origins.values())


def test_progress_counts_every_file_of_every_region(folder: Path, origins: Mapping[str, Recording]) -> None:
    seen: list[tuple[str, int, int]] = []
    replicate(folder, make_release(folder), origins, lambda *step: seen.append(step))
    for region in origins:
        assert [(done, total) for r, done, total in seen if r == region] == [(n + 1, 7) for n in range(7)]


def test_damage_is_found_and_repaired_from_another_replica(folder: Path, origins: Mapping[str, Recording]) -> None:
    release = make_release(folder)
    replicate(folder, release, origins)
    origins["eu"].write("1/2/video/a/1.m4s", b"rotten")
    origins["us"].delete("1/2/hls/master.m3u8")
    origins["us"].delete("1/2/release.json")
    origins["ap"].write("1/2/release.json", b"{}")
    assert damaged(origins["eu"], release) == ("video/a/1.m4s",)
    assert damaged(origins["us"], release) == ("hls/master.m3u8", RELEASE_FILE)
    with pytest.raises(GateFailed, match=r"release\.json"):
        read_release(origins["ap"], 1, 2)
    repaired = scrub(release, origins)
    assert repaired == {
        "eu": ("video/a/1.m4s",),
        "us": ("hls/master.m3u8", RELEASE_FILE),
        "ap": (RELEASE_FILE,),
    }
    assert all(complete(store, release) for store in origins.values())
    assert scrub(release, origins) == {}


def test_a_file_lost_everywhere_is_named_after_the_rest_is_repaired(
    folder: Path, origins: Mapping[str, Recording]
) -> None:
    release = make_release(folder)
    replicate(folder, release, origins)
    for store in origins.values():
        store.delete("1/2/video/a/1.m4s")
    origins["eu"].delete("1/2/art")
    with pytest.raises(Unavailable, match=r"video/a/1\.m4s"):
        scrub(release, origins)
    assert damaged(origins["eu"], release) == ("video/a/1.m4s",)


def test_withdrawal_takes_one_release_and_leaves_the_others(folder: Path, origins: Mapping[str, Recording]) -> None:
    earlier, release = make_release(folder, 1), make_release(folder, 2)
    for each in (earlier, release):
        replicate(folder, each, origins)
    withdraw(release, origins)
    withdraw(release, origins)
    for store in origins.values():
        assert complete(store, earlier)
        assert list(store.keys("1/2")) == []
        with pytest.raises(NotFound):
            read_release(store, 1, 2)


def test_a_failure_is_of_the_one_family(folder: Path, tmp_path: Path) -> None:
    """An origin that is no folder at all: a plain file stands in its way."""
    (tmp_path / "blocked").write_text("")
    with pytest.raises(MarqueeError):
        replicate(folder, make_release(folder), {"eu": Store(f"file://{tmp_path}/blocked/eu")})


def test_the_document_holds_no_local_path(folder: Path) -> None:
    assert str(folder).encode() not in document(make_release(folder))
    shutil.rmtree(folder)
