"""A member's own copy: everything that is kept and no secret, made by a task that may be killed at any moment."""

import csv
import io
import json
import os
import signal
import subprocess
import sys
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import inspect, text, update

from marquee.catalogue import exports, personal
from marquee.catalogue.database import begin, engine
from marquee.catalogue.models import ExportRow
from marquee.contracts.lake import EVENTS, HISTORY
from marquee.contracts.members import ExportState
from marquee.members import staff
from marquee.members.exports import files, upkeep
from marquee.personal import archive, making
from marquee.settings import settings
from marquee.viewing import lake
from tests.households import Viewer, household

pytestmark = pytest.mark.usefixtures("catalogue")


@pytest.fixture
def ada() -> Viewer:
    """Somebody who has asked for a copy."""
    viewer = household("ada@example.org", name="Ada L.", pin_hash="secret of a PIN")
    with begin() as session:
        exports.ask(session, viewer.account_id)
    return viewer


def row() -> ExportRow:
    with begin() as session:
        (found,) = session.query(ExportRow).all()
    return found


def time_passes(**columns: timedelta) -> None:
    """As if the times in these columns lay so much further back."""
    with begin() as session:
        session.execute(update(ExportRow).values({name: getattr(ExportRow, name) - by for name, by in columns.items()}))


def lying() -> list[str]:
    return [key for key, _ in files.lying()]


def test_every_table_that_names_accounts_or_profiles_is_in_it() -> None:
    with begin() as session:
        found = {table.name for table in personal.tables_of(session, 7)}
    tables = inspect(engine()).get_table_names()
    columns = {table: {c["name"] for c in inspect(engine()).get_columns(table)} for table in tables}
    naming = {table for table in tables if {"account_id", "profile_id"} & columns[table]} - {"deleted_profiles"}
    assert {name for name in naming | {"accounts"} if not name.rpartition("_p")[2].isdigit()} == found


def test_what_is_kept_is_told_but_for_secrets(tmp_path: Path) -> None:
    ada, ben = household("ada@example.org", name="Ada L.", pin_hash="secret of a PIN"), household(name="Ben")
    with begin() as session:
        session.execute(text("update accounts set password_hash = 'secret of a password'"))
        session.execute(text("create table recommendations_g7 partition of recommendations for values in (7)"))
        listed = {"ada": ada.profile_id, "ben": ben.profile_id}
        session.execute(text("insert into recommendations values (7, :ada, '{71}'), (7, :ben, '{72}')"), listed)
    watched(ada, ada, ben)
    file = tmp_path / "ada.zip"
    written = archive.write(file, staff.note_export("ada@example.org", by="support"))
    with begin() as session:
        session.execute(text("drop table recommendations_g7"))
    held = content(file.read_bytes())
    (account,) = json.loads(held["account/accounts.json"])
    assert (account["id"], account["email"]) == (ada.account_id, "ada@example.org")
    assert [row["name"] for row in csv.DictReader(io.StringIO(held["account/profiles.csv"]))] == ["Ada L."]
    assert [row["languages"] for row in csv.DictReader(io.StringIO(held["account/profiles.csv"]))] == ['["en"]']
    assert [row["kind"] for row in json.loads(held["account/audit_entries.json"])] == ["exported"]
    assert [row["title_ids"] for row in json.loads(held["account/recommendations.json"])] == [[71]]
    assert len(json.loads(held["viewing/history.json"])) == 2
    assert held["account/passkeys.csv"].splitlines() == ["account_id,id,sign_count,name,created_at,used_at"]
    assert written == sum(len(json.loads(each)) for name, each in held.items() if name.endswith(".json"))
    everything = "".join(held.values())
    for other in ("secret", "Ben", str(ben.account_id), str(ben.profile_id)):
        assert other not in everything
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["ada.zip"]


def test_memory_does_not_grow_with_what_was_watched(ada: Viewer, tmp_path: Path) -> None:
    """Each file of the lake, and of it each row group, is let go before the next one is read."""
    import tracemalloc

    def peak() -> int:
        tracemalloc.start()
        archive.write(tmp_path / "ada.zip", ada.account_id)
        _, highest = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return highest

    for hour in range(2):
        many_events(ada, hour)
    few = peak()
    for hour in range(2, 10):
        many_events(ada, hour)
    assert peak() < 1.3 * few
    assert len(json.loads(content((tmp_path / "ada.zip").read_bytes())["viewing/events.json"])) == 20_000


def many_events(viewer: Viewer, hour: int) -> None:
    rows = [dict.fromkeys(EVENTS.columns) | {"profile_id": viewer.profile_id, "seq": n} for n in range(2000)]
    lake.write(EVENTS, "a.parquet", rows, dt="2026-01-31", hour=f"{hour:02}")


def watched(*viewers: Viewer) -> None:
    rows = [dict.fromkeys(HISTORY.columns) | {"profile_id": each.profile_id} for each in viewers]
    lake.write(HISTORY, "a.parquet", rows, source="x")


def content(archived: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(archived)) as found:
        assert found.testzip() is None
        return {name: found.read(name).decode() for name in found.namelist()}


HANG = """
import sys, time
from marquee.catalogue import exports
from marquee.members.exports import upkeep
from marquee.personal import making
def hang(*_, **__):
    print("here", flush=True)
    time.sleep(600)
setattr({module}, {name!r}, hang)
making.make_due()
"""


@pytest.mark.parametrize(
    ("module", "name", "left"),
    [("upkeep", "keep", 0), ("exports", "ready", 1)],
    ids=["when the archive is written", "when its file lies there"],
)
def test_a_killed_task_is_run_again_and_nothing_is_left_of_it(ada: Viewer, module: str, name: str, left: int) -> None:
    program = HANG.format(module=module, name=name)
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, env=os.environ.copy()) as process:
        assert process.stdout
        assert process.stdout.readline() == b"here\n"
        process.send_signal(signal.SIGKILL)
    assert (row().state, row().attempt, len(lying())) == (ExportState.MAKING, 1, left)
    assert list((settings().home / "scratch").rglob("export.zip"))
    assert making.make_due() == 0  # while it may still be at work
    time_passes(due_at=upkeep.LEASE)
    assert upkeep.waiting() == {(row().id, 1)}
    assert making.make_due() == 1
    assert (row().state, row().attempt) == (ExportState.READY, 2)
    assert upkeep.tidy() == left
    assert lying() == [files.making(row()).key]
    assert not list((settings().home / "scratch").iterdir())
    with begin() as session:
        assert session.scalar(text("select count(*) from mails where kind = 'export-ready'")) == 1


def test_an_attempt_that_was_thought_dead_changes_nothing(ada: Viewer, tmp_path: Path) -> None:
    slow = upkeep.take()
    assert slow
    time_passes(due_at=upkeep.LEASE)
    assert making.make_due() == 1
    before = row()
    file = tmp_path / "late.zip"
    file.write_bytes(b"late")
    assert not upkeep.keep(slow, file)
    upkeep.put_off(slow, "late as well")
    assert (row().state, row().attempt, row().size) == (before.state, before.attempt, before.size)
    assert lying() == [files.making(row()).key]


def test_what_fails_is_put_off_and_fails_in_the_end_without_keeping_others(
    ada: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = archive.write

    def broken(target: Path, account_id: int) -> int:
        if account_id == ada.account_id:
            raise OSError
        return whole(target, account_id)

    monkeypatch.setattr(archive, "write", broken)
    ben = household("ben@example.org", name="Ben")
    with begin() as session:
        exports.ask(session, ben.account_id)
    assert making.make_due() == 1
    for _ in range(upkeep.ATTEMPTS):
        assert making.make_due() == 0
        time_passes(due_at=timedelta(hours=1))
    with begin() as session:
        kept = {each.account_id: each.state for each in session.query(ExportRow).all()}
    assert kept == {ada.account_id: ExportState.FAILED, ben.account_id: ExportState.READY}


def test_an_account_that_is_deleted_meanwhile_leaves_no_file(ada: Viewer, tmp_path: Path) -> None:
    taken = upkeep.take()
    assert taken
    staff.delete("ada@example.org", by="support")
    file = tmp_path / "late.zip"
    file.write_bytes(b"late")
    assert not upkeep.keep(taken, file)
    assert lying() == []


def test_a_copy_is_deleted_with_its_time_and_with_its_account(ada: Viewer) -> None:
    assert making.make_due() == 1
    assert upkeep.tidy() == 0
    files.store().write("7-7-7.zip", b"of an account that is gone")
    files.store().write("unknown", b"of nobody")
    assert upkeep.tidy() == 2
    time_passes(expires_at=upkeep.LIFETIME)
    assert upkeep.tidy() == 1
    assert (row().state, lying()) == (ExportState.EXPIRED, [])
    with begin() as session:
        exports.ask(session, ada.account_id)
    assert making.make_due() == 1
    staff.delete("ada@example.org", by="support")
    assert lying() == []


def test_an_account_is_deleted_though_the_storage_is_away(ada: Viewer, monkeypatch: pytest.MonkeyPatch) -> None:
    assert making.make_due() == 1
    with monkeypatch.context() as away:
        away.setattr("marquee.storage.Store.delete", lambda *_: (_ for _ in ()).throw(OSError("away")))
        staff.delete("ada@example.org", by="support")
    assert len(lying()) == 1
    assert upkeep.tidy() == 1


def test_the_command_line_writes_the_same(ada: Viewer, tmp_path: Path) -> None:
    from typer.testing import CliRunner

    from marquee.cli import cli

    watched(ada)
    made = CliRunner().invoke(cli, ["member", "export", "ada@example.org", str(tmp_path / "ada.zip")])
    assert made.exit_code == 0, made.output
    assert making.make_due() == 1
    by_staff = content((tmp_path / "ada.zip").read_bytes())
    by_task = content(files.store().read(files.making(row()).key))
    same = {"account/exports", "account/mails"}  # which change while they are made
    assert {n: t for n, t in by_staff.items() if n.rpartition(".")[0] not in same} == {
        n: t for n, t in by_task.items() if n.rpartition(".")[0] not in same
    }


def test_no_edge_and_no_origin_reads_where_copies_lie() -> None:
    assert not any(settings().exports.startswith(replica) for replica in settings().origins.values())
