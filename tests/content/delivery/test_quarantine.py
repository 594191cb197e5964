import os
import shutil
from pathlib import Path

import pytest

from marquee.content.delivery.quarantine import quarantine, safe_slug
from marquee.contracts.delivery import Refusal
from marquee.contracts.errors import NotFound

REFUSAL = Refusal(slug="my-film", code="not-media", message="no", where="film.mp4", expected="MP4", got="text")


@pytest.fixture
def folder(deliver):
    made = deliver({"film.mp4": b"bytes", "reason.json": b"the deliverer's own", ".done": b""})
    (made / "sub").mkdir()
    (made / "sub" / "link").symlink_to("/nowhere")
    return made


@pytest.fixture(params=["same file system", "another"])
def root(request, tmp_path):
    """A quarantine beside the inbox, and one where a rename cannot reach."""
    if request.param == "same file system":
        yield tmp_path / "quarantine"
        return
    other = Path("/dev/shm") / f"marquee-test-{os.getpid()}"  # noqa: S108
    if not other.parent.is_dir() or other.parent.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("no second file system here")
    yield other
    shutil.rmtree(other)


def test_everything_moves_and_the_reason_is_beside_it(folder, root, tree):
    before = tree(folder)
    kept = quarantine(folder, REFUSAL, root)
    assert kept.quarantine.startswith("my-film-")
    assert tree(root / kept.quarantine / "delivery") == before
    assert Refusal.model_validate_json((root / kept.quarantine / "reason.json").read_text()) == kept
    assert kept.model_copy(update={"quarantine": ""}) == REFUSAL
    assert list(folder.parent.iterdir()) == []


def test_once_more_gives_the_same_refusal_and_makes_nothing(folder, root, tree):
    kept = quarantine(folder, REFUSAL, root)
    before = tree(root)
    assert quarantine(folder, REFUSAL, root) == kept
    assert tree(root) == before


def test_a_crash_before_the_move_is_taken_up_where_it_stopped(folder, root, tree):
    begun = root / "my-film-123"
    (begun / ".delivery").mkdir(parents=True)
    (begun / ".delivery" / "half").write_bytes(b"of a copy")
    before = tree(folder)
    assert quarantine(folder, REFUSAL, root).quarantine == "my-film-123"
    assert tree(begun / "delivery") == before


def test_a_second_refusal_of_a_slug_gets_a_folder_of_its_own(deliver, root):
    first = quarantine(deliver({"film.mp4": b"one"}), REFUSAL, root)
    second = quarantine(deliver({"film.mp4": b"two"}), REFUSAL, root)
    assert first.quarantine != second.quarantine
    contents = [(root / r.quarantine / "delivery" / "film.mp4").read_bytes() for r in (first, second)]
    assert contents == [b"one", b"two"]


def test_a_link_is_moved_not_followed(deliver, root, tmp_path, tree):
    target = deliver({"film.mp4": b"x"})
    link = target.with_name("linked")
    link.symlink_to(target)
    before = tree(target)
    kept = quarantine(link, REFUSAL, root)
    assert (root / kept.quarantine / "delivery").readlink() == target
    assert tree(target) == before
    assert not os.path.lexists(link)


def test_a_pipe_does_not_stop_it(deliver, root):
    folder = deliver({"film.mp4": b"x"})
    os.mkfifo(folder / "pipe")
    kept = quarantine(folder, REFUSAL, root)
    assert {p.name for p in (root / kept.quarantine / "delivery").iterdir()} == {"title.yaml", "film.mp4", "pipe"}


@pytest.mark.parametrize("name", ["-rf *", "a\nb", '<script>"', "…", "x" * 250, "CON.", "$(id)"])
def test_a_hostile_name_becomes_a_harmless_one(tmp_path, name):
    folder = tmp_path / "inbox" / name
    folder.mkdir(parents=True)
    (folder / "film.mp4").write_bytes(b"x")
    kept = quarantine(folder, REFUSAL.model_copy(update={"slug": name}), tmp_path / "quarantine")
    assert set(kept.quarantine) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert not kept.quarantine.startswith("-")
    assert len(kept.quarantine) <= 101
    assert (tmp_path / "quarantine" / kept.quarantine / "delivery" / "film.mp4").read_bytes() == b"x"


def test_safe_slugs_are_slugs_already():
    assert safe_slug("big-buck-bunny") == "big-buck-bunny"


def test_what_was_never_delivered_is_not_found(tmp_path):
    with pytest.raises(NotFound):
        quarantine(tmp_path / "inbox" / "nothing", REFUSAL, tmp_path / "quarantine")
