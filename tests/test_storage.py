from pathlib import Path

import pytest

from marquee.contracts.errors import InvalidInput, NotFound
from marquee.storage import Store, file_sha256, replacing


@pytest.fixture(params=["file", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    if request.param == "file":
        return Store(f"file://{tmp_path}/store")
    return Store(f"memory://{tmp_path.name}", cache=tmp_path / "cache")


def test_what_is_put_is_what_is_fetched(store: Store, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(bytes(range(256)) * 1000)
    store.put("a/b/c.bin", source)
    assert store.fetch("a/b/c.bin").read_bytes() == source.read_bytes() == store.read("a/b/c.bin")
    assert store.sha256("a/b/c.bin") == file_sha256(source)
    assert store.size("a/b/c.bin") == 256_000


def test_keys_are_sorted_and_relative(store: Store) -> None:
    for key in ("b/2", "a/1", "b/1"):
        store.write(key, b"x")
    assert list(store.keys()) == ["a/1", "b/1", "b/2"]
    assert list(store.keys("b")) == ["b/1", "b/2"]
    store.delete("b")
    store.delete("b")
    assert list(store.keys()) == ["a/1"]


def test_a_listing_tells_sizes_and_one_object_is_removed_by_its_very_name(store: Store, tmp_path: Path) -> None:
    for key in ("a/film [1*].mkv", "a/film 1.mkv", "ab/c"):
        store.write(key, b"xyz")
    assert [(entry.key, entry.size) for entry in store.entries("a")] == [("a/film 1.mkv", 3), ("a/film [1*].mkv", 3)]
    assert len(store.entries()) == 3
    store.download("a/film [1*].mkv", tmp_path / "out" / "film")
    assert (tmp_path / "out" / "film").read_bytes() == b"xyz"
    store.remove("a/film [1*].mkv")
    store.remove("a/film [1*].mkv")
    assert [entry.key for entry in store.entries("a")] == ["a/film 1.mkv"]
    with pytest.raises(NotFound):
        store.download("a/film [1*].mkv", tmp_path / "out" / "gone")
    assert store.entries("none") == []


@pytest.mark.parametrize("key", ["", "/etc/passwd", "../x", "a/../../x"])
def test_a_key_never_leaves_the_store(store: Store, key: str) -> None:
    with pytest.raises(InvalidInput):
        store.write(key, b"x")


def test_missing_objects_are_not_found(store: Store) -> None:
    for call in (store.read, store.size, store.fetch):
        with pytest.raises(NotFound):
            call("no/such")
    assert not store.exists("no/such")


def test_an_interrupted_write_leaves_the_old_content_and_no_litter(tmp_path: Path) -> None:
    final = tmp_path / "file"
    final.write_text("old")
    with pytest.raises(RuntimeError), replacing(final) as temporary:  # noqa: PT012
        temporary.write_text("half")
        raise RuntimeError
    assert final.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["file"]
