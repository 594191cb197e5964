"""What is backed up comes back, and only what should be there lies in a backup."""

import gzip
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from marquee.backup import checking, layout, making, places, restoring
from marquee.contracts.errors import Conflict, GateFailed, InvalidInput, Unavailable
from marquee.settings import Settings
from marquee.storage import Store
from tests.backup.conftest import FILES, SEGMENTS, Installation, carrying, serving

NOT_KEPT = "work/p1/chunk.mp4"


@pytest.fixture
def target(installation: Installation, tmp_path: Path) -> Store:
    return Store(f"file://{tmp_path}/backups")


def count(s: Settings, table: str = "deleted_profiles") -> int:
    with serving(s), psycopg.connect(s.database().replace("+psycopg", "")) as connection:
        return connection.execute(f"select count(*) from {table}").fetchone()[0]


def test_an_empty_home_gets_all_of_it(installation: Installation, target: Store) -> None:
    made = making.make(installation.settings, target, str)
    home = installation.new_home()
    done = restoring.restore(home, target, str)
    assert (done.backup, done.lacking, made.missing) == (made.id, (), ())
    for key, content in FILES.items():
        assert (home.home / key).exists() == (key != NOT_KEPT), key
        assert key == NOT_KEPT or (home.home / key).read_bytes() == content
    for region in home.origins:
        assert all(installation.at(home, key, region).read_bytes() == content for key, content in SEGMENTS.items())
    assert home.secret("master_key") == installation.settings.secret("master_key")
    assert count(home, "titles") == done.rows["titles"] == 1
    assert not (home.home / "restore.json").exists()


def test_no_secret_can_be_read_in_it(installation: Installation, target: Store) -> None:
    making.make(installation.settings, target, str)
    secrets = [path.read_bytes() for path in (installation.settings.home / "secrets").iterdir()]
    assert len(secrets) >= 4
    for path in Path(target.local_root or "").rglob("*"):
        content = path.read_bytes() if path.is_file() else b""
        content += gzip.decompress(content) if path.suffix == ".gz" else b""
        assert not [secret for secret in secrets if secret in content], path


def test_another_passphrase_opens_nothing(installation: Installation, target: Store, tmp_path: Path) -> None:
    making.make(installation.settings, target, str)
    (tmp_path / "other").write_text("some other words of mine")
    home = installation.new_home().model_copy(update={"backup_passphrase_file": tmp_path / "other"})
    with pytest.raises(Unavailable, match="passphrase"):
        restoring.restore(home, target, str)


def test_without_a_passphrase_there_is_no_backup(installation: Installation, target: Store) -> None:
    with pytest.raises(InvalidInput, match="MARQUEE_BACKUP_PASSPHRASE_FILE"):
        making.make(installation.settings.model_copy(update={"backup_passphrase_file": None}), target, str)


def test_what_is_held_already_is_not_copied_again(installation: Installation, target: Store) -> None:
    first = making.make(installation.settings, target, str)
    before = {key: (Path(target.local_root or "") / key).stat().st_mtime_ns for key in target.keys("objects")}
    second = making.make(installation.settings, target, str)
    assert {key: (Path(target.local_root or "") / key).stat().st_mtime_ns for key in target.keys("objects")} == before
    assert {(f.key, f.sha256) for files in second.stores.values() for f in files} == {
        (f.key, f.sha256) for files in first.stores.values() for f in files
    }
    kept = len({file.sha256 for files in first.stores.values() for file in files})
    assert len(before) == kept < sum(map(len, first.stores.values()))  # equal files once


def test_killed_in_the_middle_it_is_made_by_the_next(installation: Installation, target: Store) -> None:
    argv = [sys.executable, "-m", "marquee.cli", "backup", "--to", target.url]
    process = subprocess.Popen(argv, stderr=subprocess.PIPE, text=True, env=os.environ | {"PYTHONUNBUFFERED": "1"})
    assert process.stderr
    next(line for line in process.stderr if line.startswith("mezzanine:"))  # the database and some stores are there
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert list(target.keys("objects"))
    assert layout.ids(target) == []
    made = making.make(installation.settings, target, str)
    assert layout.ids(target) == [made.id]
    assert {key.split("/")[1] for key in target.keys("backups")} == {made.id}  # nothing of the one that was killed
    assert checking.verify(installation.settings, target, str).wrong == ()


def test_a_home_with_data_is_not_written_over(installation: Installation, target: Store) -> None:
    making.make(installation.settings, target, str)
    home = installation.new_home()
    (home.home / "mezzanine").mkdir(parents=True)
    (home.home / "mezzanine/mine").write_text("mine")
    with pytest.raises(Conflict, match=r"data already.*mezzanine"):
        restoring.restore(home, target, str)
    restoring.restore(home, target, str, force=True)
    restoring.restore(home, target, str, force=True)
    assert (home.home / "mezzanine/mine").read_text() == "mine"
    assert len(list((home.home / "postgres").glob("data-before-*"))) == 1


def test_a_restore_that_was_killed_goes_on(installation: Installation, target: Store) -> None:
    making.make(installation.settings, target, str)
    home = installation.new_home()

    def killed(line: str) -> None:
        if line.startswith("mezzanine"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        restoring.restore(home, target, killed)
    restoring.restore(home, target, str)
    assert (home.home / "mlflow/1/model.npz").exists()


def test_a_moment_between_two_writes(installation: Installation, target: Store) -> None:
    s = installation.settings
    with carrying(s, target):
        making.make(s, target, str)
        before = len(_profiles(installation))
        first = installation.collect("first")
        installation.collect("second")
    home, newest = installation.new_home(), installation.new_home()
    restoring.restore(home, target, str, to=first)
    assert count(home) == before + 1
    restoring.restore(newest, target, str)
    assert count(newest) == before + 2


def test_a_moment_after_the_last_write_and_one_beyond_the_log(installation: Installation, target: Store) -> None:
    s = installation.settings
    with carrying(s, target):
        making.make(s, target, str)
        installation.collect("third")
        until = installation.collect("fourth")
    home = installation.new_home()
    with pytest.raises(InvalidInput, match="does not lead so far"):
        restoring.restore(home, target, str, to=until.replace(year=2200))
    with pytest.raises(InvalidInput, match="no backup is so old"):
        restoring.restore(home, target, str, to=until.replace(year=2000))
    restoring.restore(home, target, str, to=until)
    assert count(home) == len(_profiles(installation))


def _profiles(installation: Installation) -> list[tuple[object, ...]]:
    with installation.connect() as connection:
        return connection.execute("select * from deleted_profiles").fetchall()


@pytest.mark.parametrize("part", ["objects/", "backups/*/database/base"])
def test_a_flipped_byte_is_found(installation: Installation, target: Store, part: str) -> None:
    making.make(installation.settings, target, str)
    assert checking.verify(installation.settings, target, str).wrong == ()
    assert layout.verified_at(target, layout.newest(target).id)
    path = next(
        p
        for p in sorted(
            Path(target.local_root or "").glob(f"{part.rstrip('/')}*/**/*" if part == "objects/" else f"{part}*")
        )
        if p.is_file()
    )
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    (wrong,) = checking.verify(installation.settings, target, str).wrong
    assert path.name in wrong
    with pytest.raises(GateFailed):
        restoring.restore(installation.new_home(), target, str)


def test_a_damaged_replica_is_not_what_is_backed_up(installation: Installation, target: Store) -> None:
    s, key = installation.settings, "video/h264-360p/1.m4s"
    damaged = [installation.at(s, key, region) for region in s.origins]
    try:
        damaged[0].write_bytes(b"X" * len(SEGMENTS[key]))
        damaged[1].unlink()
        assert making.make(s, target, str).missing == ()
        home = installation.new_home()
        restoring.restore(home, target, str)
        assert installation.at(home, key).read_bytes() == SEGMENTS[key]
        damaged[2].unlink()
        elsewhere = Store(f"{target.url}-2")
        assert making.make(s, elsewhere, str).missing == (f"{installation.release.prefix}/{key}",)
        assert "no replica had" in checking.verify(s, elsewhere, str).wrong[-1]
    finally:
        for path in damaged:
            path.write_bytes(SEGMENTS[key])


def test_old_backups_go_with_what_only_they_hold(installation: Installation, target: Store) -> None:
    s, extra = installation.settings, installation.settings.home / "quarantine/worse-2/reason.json"
    extra.parent.mkdir()
    extra.write_bytes(b"of the first alone")
    with carrying(s, target):
        first = making.make(s, target, str)
    shutil.rmtree(extra.parent)
    objects = set(target.keys("objects"))
    second = making.make(s, target, str, keep=1)
    assert layout.ids(target) == [second.id]
    assert len(objects - set(target.keys("objects"))) == 1
    assert first.id not in " ".join(target.keys())
    assert checking.verify(s, target, str).wrong == ()


def test_files_that_are_being_written_are_left_out() -> None:
    place = places.Place("mezzanine", ())
    assert not place.takes("abc/.film.mp4.0a1b2c3d")
    assert place.takes("abc/.done")
