"""What the task does that makes copies: it takes what is due, keeps what it has made, deletes what has had its time."""

from datetime import timedelta
from pathlib import Path

from marquee.catalogue import exports
from marquee.catalogue.database import begin
from marquee.catalogue.models import now
from marquee.contracts.members import ExportState
from marquee.logs import log
from marquee.members.exports import files
from marquee.members.exports.asking import announce, state_of
from marquee.members.exports.files import Making

LIFETIME = timedelta(days=7)  # of a copy
LEASE = timedelta(minutes=30)  # after which a process that has taken one counts as dead
ATTEMPTS, FIRST_PAUSE = 5, timedelta(minutes=1)


def waiting() -> frozenset[tuple[int, int]]:
    """What is due now: ids of copies, with the attempts there were."""
    with begin() as session:
        return frozenset((row.id, row.attempt) for row in exports.due(session))


def take() -> Making | None:
    """A copy to be made now, for this process alone until the lease ends."""
    with begin() as session:
        row = exports.take(session, ATTEMPTS, LEASE)
    return None if row is None else files.making(row)


def keep(made: Making, file: Path) -> bool:
    """Put the archive where it is fetched from, and tell the member; False when nobody wants it any more.

    A kill before the row is changed leaves a file of an attempt that nothing stands for, which `tidy` deletes.
    """
    files.store().put(made.key, file)
    with begin() as session:
        wanted = exports.ready(session, *made, size=file.stat().st_size, expires_at=now() + LIFETIME)
        if wanted and (row := exports.get(session, made.account_id)):
            announce(session, row)
    if not wanted:
        files.store().delete(made.key)
    return wanted


def put_off(failed: Making, error: str) -> None:
    """Try again later: each time after twice as long."""
    last = failed.attempt >= ATTEMPTS
    pause = timedelta() if last else FIRST_PAUSE * 2 ** (failed.attempt - 1)
    with begin() as session:
        exports.put_off(session, *failed, error=error, until=now() + pause)


def give_up() -> None:
    """Let those fail that were tried often enough: the member may ask again at once, and the operator is told."""
    with begin() as session:
        failed = exports.give_up(session, ATTEMPTS)
    for export_id in failed:
        log.error("export failed", export_id=export_id, attempts=ATTEMPTS)


def tidy() -> int:
    """Delete each file that no copy stands for any more, whatever has become of its account; how many there were."""
    with begin() as session:
        exports.expire(session)
    gone = [key for key, made in files.lying() if made is None or not _stands(made)]
    for key in gone:
        files.store().delete(key)
    return len(gone)


def _stands(made: Making) -> bool:
    with begin() as session:
        row = exports.get(session, made.account_id)
    if row is None or files.making(row) != made:
        return False
    return state_of(row) in {ExportState.MAKING, ExportState.READY}
