"""Deliveries to judge: a folder with a sidecar and whatever a test puts in it."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from marquee.storage import Store

Deliver = Callable[..., Path]


@pytest.fixture
def mezzanine(tmp_path: Path) -> Store:
    return Store(f"file://{tmp_path}/mezzanine")


@pytest.fixture
def deliver(tmp_path: Path) -> Deliver:
    """Make a delivery: `deliver({"film.mp4": path or bytes or text}, "year: 1936", folder="my-film")`."""

    def make(files: dict[str, Path | bytes | str], more: str = "", *, folder: str = "my-film") -> Path:
        path = tmp_path / "inbox" / folder
        path.mkdir(parents=True)
        head = "title: My film\nyear: 1936\n" + ("" if "media:" in more else "media: film.mp4\n")
        (path / "title.yaml").write_text(head + more)
        for name, content in files.items():
            raw = content.read_bytes() if isinstance(content, Path) else content
            (path / name).write_bytes(raw.encode() if isinstance(raw, str) else raw)
        return path

    return make


@pytest.fixture(scope="session")
def film(make_clip) -> Path:
    """One second of picture and sound in MP4."""
    return make_clip("film.mp4", seconds=1, size="160x90")


@pytest.fixture
def tree() -> Callable[[Path], dict[str, str]]:
    """Everything below a folder: path to content hash, or to what else it is."""

    def content(path: Path) -> str:
        if path.is_symlink():
            return f"link {path.readlink()}"
        return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "not a file"

    return lambda root: {str(p.relative_to(root)): content(p) for p in sorted(root.rglob("*"))}


@pytest.fixture
def unchanged(tmp_path: Path, tree):
    """Call it before an attack; what it returns, called afterwards, asserts that nothing on disk has changed."""

    def remember() -> Callable[[], None]:
        before = tree(tmp_path)

        def check() -> None:
            assert tree(tmp_path) == before

        return check

    return remember
