import hashlib
import os
import time

import pytest

from marquee.content.delivery.inbox import fingerprint, ready_deliveries

LATER = 3600.0


def names(inbox, settle_s=5.0, wait_s=LATER):
    """What is ready `wait_s` from now."""
    return [name for name, _ in ready_deliveries(inbox, settle_s, now=time.time() + wait_s)]


@pytest.fixture
def inbox(tmp_path):
    return tmp_path / "inbox"


def test_no_inbox_no_deliveries(inbox):
    assert names(inbox) == []


def test_a_folder_is_ready_when_it_has_settled(deliver, inbox):
    deliver({"film.mp4": b"x"})
    assert names(inbox, wait_s=0) == []
    assert names(inbox) == ["my-film"]


def test_done_makes_it_ready_at_once(deliver, inbox):
    deliver({"film.mp4": b"x", ".done": b""})
    assert names(inbox, wait_s=0) == ["my-film"]


def test_without_a_sidecar_it_is_never_ready(deliver, inbox):
    (deliver({"film.mp4": b"x", ".done": b""}) / "title.yaml").unlink()
    assert names(inbox) == []


def test_an_old_mtime_does_not_make_a_file_settled(deliver, inbox):
    """rsync -t and cp -p set it back to that of the original while the copy is still going on."""
    folder = deliver({"film.mp4": b"x"})
    for path in [*folder.iterdir(), folder]:
        os.utime(path, (0, 0))
    assert names(inbox, wait_s=0) == []


def test_a_growing_hidden_file_keeps_a_delivery_waiting(deliver, inbox):
    deliver({".film.mp4.Xy12": b"x"})
    assert names(inbox, settle_s=LATER * 2) == []
    assert names(inbox) == ["my-film"]


def test_hidden_folders_and_stray_files_are_passed_over(deliver, inbox):
    deliver({"film.mp4": b"x"}, folder=".my-film-incoming")
    deliver({"film.mp4": b"x"}, folder="b")
    deliver({"film.mp4": b"x"}, folder="a")
    (inbox / "title.yaml").write_text("title: stray")
    assert names(inbox) == ["a", "b"]


def test_a_link_is_ready_to_be_refused(deliver, inbox, tmp_path):
    deliver({})
    (inbox / "linked").symlink_to(tmp_path)
    assert names(inbox) == ["linked", "my-film"]


def test_a_name_that_is_not_unicode_stops_nothing(deliver, inbox):
    (deliver({"film.mp4": b"x"}, folder="bad").rename(os.fsdecode(os.fsencode(inbox) + b"/\xff\xfe")))
    deliver({"film.mp4": b"x"})
    assert names(inbox) == ["my-film"]


def test_the_stamp_changes_with_the_delivery_only(deliver, inbox):
    folder = deliver({"film.mp4": b"x"})

    def stamp():
        return ready_deliveries(inbox, 0, now=time.time() + LATER)[0][1]

    first = stamp()
    (folder / ".done").touch()
    assert stamp() == first
    (folder / "film.mp4").write_bytes(b"xy")
    assert stamp() != first


def test_the_fingerprint_is_of_names_and_bytes(deliver):
    one, two = deliver({"film.mp4": b"x", "a.srt": b"y"}), deliver({"a.srt": b"y", "film.mp4": b"x"}, folder="other")
    assert fingerprint(one) == fingerprint(two)
    (two / ".done").touch()
    assert fingerprint(one) == fingerprint(two)
    (two / "a.srt").rename(two / "b.srt")
    assert fingerprint(one) != fingerprint(two)
    (two / "b.srt").rename(two / "a.srt")
    (two / "title.yaml").write_text("title: another\n")
    assert fingerprint(one) != fingerprint(two)


def test_known_hashes_change_nothing(deliver):
    folder = deliver({"film.mp4": b"x"})
    assert fingerprint(folder, {"film.mp4": hashlib.sha256(b"x").hexdigest()}) == fingerprint(folder)
    assert fingerprint(folder, {"film.mp4": "another"}) != fingerprint(folder)


def test_a_fingerprint_reads_through_no_link_and_waits_on_no_pipe(deliver, tmp_path):
    folder = deliver({})
    secret = tmp_path / "secret"
    secret.write_text("one")
    (folder / "film.mp4").symlink_to(secret)
    (folder / "folder").symlink_to(tmp_path)
    os.mkfifo(folder / "pipe")
    before = fingerprint(folder)
    secret.write_text("two")
    assert fingerprint(folder) == before
    (folder / "folder").unlink()
    assert fingerprint(folder) != before
