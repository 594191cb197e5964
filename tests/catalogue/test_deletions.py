"""While a backup is made nothing is deleted, and a backup waits for deletions that go on."""

import threading

import pytest

from marquee.catalogue import deletions
from marquee.content.desk import deletion, retention
from marquee.contracts.errors import Conflict, Unavailable

NOTHING = retention.Found(releases=(), plans=(), sources=())

pytestmark = pytest.mark.usefixtures("catalogue")


def test_deleters_do_not_wait_for_each_other() -> None:
    with deletions.allowed(), deletions.allowed():
        assert retention.collect(NOTHING) == NOTHING


def test_nothing_is_deleted_while_a_backup_is_made() -> None:
    with deletions.held_off():
        with pytest.raises(Unavailable, match="backup is being made"):
            retention.collect(NOTHING)
        with pytest.raises(Unavailable, match="backup is being made"):
            deletion.delete_title(1)
    deletion.delete_title(1)


def test_one_backup_at_a_time() -> None:
    with deletions.held_off(), pytest.raises(Conflict, match="another backup"), deletions.held_off(patience_s=0.1):
        pass


def test_a_backup_begins_when_the_deletion_that_goes_on_is_done() -> None:
    begun = threading.Event()

    def backup() -> None:
        with deletions.held_off():
            begun.set()

    with deletions.allowed():
        waiting = threading.Thread(target=backup)
        waiting.start()
        assert not begun.wait(0.3)
    waiting.join(10)
    assert begun.is_set()
