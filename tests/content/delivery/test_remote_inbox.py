"""The inbox on a real S3 server: all pages are read, nothing half is ever a delivery, and names stay names."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import boto3
import pytest

from marquee.content.delivery import remote_inbox
from marquee.contracts.errors import DeliveryRefused, Unavailable
from marquee.storage import Store

LIMIT = 1 << 30
FILES = {"title.yaml": b"title: A film\n", "film.mkv": b"film", "film [1*].srt": b"subtitles"}


@pytest.fixture
def bucket(s3_server: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", s3_server)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    name = f"inbox-{uuid4().hex[:8]}"
    boto3.client("s3").create_bucket(Bucket=name)
    return name


@pytest.fixture
def store(bucket: str) -> Store:
    return Store(f"s3://{bucket}/in")


def put(store: Store, slug: str = "a-film", *, done: bool = True, **more: bytes) -> None:
    for name, content in {**FILES, **more}.items():
        store.write(f"{slug}/{name}", content)
    if done:
        store.write(f"{slug}/.done", b"")


def names(store: Store) -> list[str]:
    return [slug for slug, _ in remote_inbox.ready(store)]


def test_a_delivery_is_complete_when_its_done_is_there(store: Store) -> None:
    assert names(store) == []
    for name, content in [*FILES.items(), (".done", b"")]:
        assert names(store) == []
        store.write(f"a-film/{name}", content)
    put(store, "b-film", done=False)
    put(store, ".hidden")
    store.write("stray/.done", b"")
    store.write("title.yaml", b"")
    assert names(store) == ["a-film"]


def test_the_stamp_changes_with_the_delivery_only(store: Store) -> None:
    put(store)
    first = remote_inbox.ready(store)
    store.write("a-film/.note", b"")
    assert remote_inbox.ready(store) == first
    store.write("a-film/film.mkv", b"another")
    assert remote_inbox.ready(store) != first


def test_more_than_a_page_of_objects_is_read(store: Store, bucket: str, tmp_path: Path) -> None:
    put(store, "z-film")
    from moto.core import DEFAULT_ACCOUNT_ID
    from moto.s3.models import s3_backends

    backend = s3_backends[DEFAULT_ACCOUNT_ID]["aws"]
    for n in range(1200):  # a page has 1,000
        backend.put_object(bucket, f"in/many/{n:04}.srt", b"x")
    assert len(store.entries("many")) == 1200
    assert names(store) == ["z-film"]
    with pytest.raises(DeliveryRefused, match="too many files"):
        remote_inbox.fetch(store, "many", tmp_path, max_bytes=LIMIT)


def test_what_is_fetched_is_what_lies_there_and_an_interrupted_fetch_goes_on(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(store)
    assert remote_inbox.fetch(store, "none", tmp_path, max_bytes=LIMIT) is None
    fetched: list[str] = []
    download = Store.download

    def dying(self: Store, key: str, target: Path) -> None:
        fetched.append(key)
        if len(fetched) == 2:
            raise ConnectionError
        download(self, key, target)

    monkeypatch.setattr(Store, "download", dying)
    with pytest.raises(ConnectionError):
        remote_inbox.fetch(store, "a-film", tmp_path, max_bytes=LIMIT)
    folder = remote_inbox.fetch(store, "a-film", tmp_path, max_bytes=LIMIT)
    assert folder
    assert folder.name == "a-film"
    assert {p.name: p.read_bytes() for p in folder.iterdir()} == FILES
    assert len(fetched) == 1 + len(FILES)  # the first was not fetched again


def test_a_change_during_the_fetch_is_seen(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(store)
    download = Store.download

    def overtaken(self: Store, key: str, target: Path) -> None:
        download(self, key, target)
        store.write("a-film/film.mkv", b"newer")

    monkeypatch.setattr(Store, "download", overtaken)
    with pytest.raises(Unavailable, match="changed"):
        remote_inbox.fetch(store, "a-film", tmp_path, max_bytes=LIMIT)


@pytest.mark.parametrize(
    "name", ["../../film.mkv", "a/../b.mkv", "a//b.mkv", "film.mkv/b", "a\x7fb.mkv", "a\\b.mkv", "x" * 201]
)
def test_names_that_climb_or_clash_are_refused_before_anything_is_fetched(
    store: Store, bucket: str, tmp_path: Path, name: str
) -> None:
    put(store)
    boto3.client("s3").put_object(Bucket=bucket, Key=f"in/a-film/{name}", Body=b"x")
    with pytest.raises(DeliveryRefused) as refused:
        remote_inbox.fetch(store, "a-film", tmp_path, max_bytes=LIMIT)
    assert refused.value.code == "unsafe-name"
    assert list(tmp_path.iterdir()) == []


def test_a_film_above_the_limit_is_not_fetched(store: Store, tmp_path: Path) -> None:
    put(store)
    with pytest.raises(DeliveryRefused, match="too large"):
        remote_inbox.fetch(store, "a-film", tmp_path, max_bytes=3)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("killed", range(6))
def test_clearing_can_be_killed_anywhere_and_no_half_is_a_delivery(
    store: Store, killed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(store)
    put(store, "a-film-too")
    ((_, stamp), _) = remote_inbox.ready(store)
    left = killed
    remove = Store.remove

    def dying(self: Store, key: str) -> None:
        nonlocal left
        if not left:
            raise ConnectionError
        left -= 1
        remove(self, key)

    with monkeypatch.context() as patch:
        patch.setattr(Store, "remove", dying)
        if killed < 5:  # four objects and the mark
            with pytest.raises(ConnectionError):
                remote_inbox.clear(store, "a-film", stamp)
        else:
            remote_inbox.clear(store, "a-film", stamp)
    assert names(store) == ["a-film-too"]
    assert remote_inbox.objects(store, "a-film") == {}
    remote_inbox.sweep(store, "a-film")
    assert [entry.key for entry in store.entries("a-film")] == []
    assert names(store) == ["a-film-too"]


def test_clearing_leaves_what_came_later(store: Store) -> None:
    put(store)
    ((_, stamp),) = remote_inbox.ready(store)
    store.write("a-film/film.mkv", b"a newer one")
    remote_inbox.clear(store, "a-film", stamp)
    assert names(store) == ["a-film"]
