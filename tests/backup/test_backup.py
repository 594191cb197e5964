"""What is backed up comes back, and only what should be there lies in a backup."""

import gzip
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import boto3
import psycopg
import pytest

from marquee.backup import checking, layout, making, places, restoring
from marquee.contracts.errors import Conflict, GateFailed, InvalidInput, Unavailable
from marquee.settings import Settings
from marquee.storage import Store
from tests.backup.conftest import FILES, SEGMENTS, Installation, carrying, publish, serving

NOT_KEPT = "work/p1/chunk.mp4"


@dataclass(frozen=True)
class Made:
    """A backup that tests only read, with the log of two rows that were written after it."""

    target: Store
    backup: layout.Backup
    rows: int  # of deleted_profiles when it was made
    first: datetime  # after the first row
    second: datetime  # after the second


@pytest.fixture(scope="module")
def made(installation: Installation, tmp_path_factory: pytest.TempPathFactory) -> Made:
    target = Store(f"file://{tmp_path_factory.mktemp('made')}/backups")
    rows = installation.rows()
    with carrying(installation.settings, target):
        backup = making.make(installation.settings, target, str)
        first, second = installation.write("first"), installation.write("second")
    return Made(target, backup, rows, first, second)


@pytest.fixture
def copy(made: Made, tmp_path: Path) -> Store:
    """The same for tests that change it."""
    shutil.copytree(made.target.local_root or "", tmp_path / "copy")
    return Store(f"file://{tmp_path}/copy")


@pytest.fixture
def target(tmp_path: Path) -> Store:
    """An empty one."""
    return Store(f"file://{tmp_path}/backups")


def bare(s: Settings, target: Store, **more: int) -> layout.Backup:
    """A backup without secrets, whose encryption takes a second."""
    return making.make(s, target, str, secrets=False, **more)


def count(s: Settings, table: str = "deleted_profiles") -> int:
    with serving(s), psycopg.connect(s.database().replace("+psycopg", "")) as connection:
        return connection.execute(f"select count(*) from {table}").fetchone()[0]


def files(backup: layout.Backup) -> set[tuple[str, str, str]]:
    return {(name, file.key, file.sha256) for name, each in backup.stores.items() for file in each}


def test_an_empty_home_gets_all_of_it(installation: Installation, made: Made) -> None:
    home = installation.new_home()
    done = restoring.restore(home, made.target, str)
    assert (done.backup, done.lacking, made.backup.missing) == (made.backup.id, (), ())
    for key, content in FILES.items():
        assert (home.home / key).exists() == (key != NOT_KEPT), key
        assert key == NOT_KEPT or (home.home / key).read_bytes() == content
    for region in home.origins:
        assert all(installation.at(home, key, region).read_bytes() == content for key, content in SEGMENTS.items())
    assert home.secret("master_key") == installation.settings.secret("master_key")
    assert done.rows["titles"] == 1
    assert count(home) == done.rows["deleted_profiles"] == made.rows + 2
    assert not (home.home / "restore.json").exists()


def test_no_secret_can_be_read_in_it(installation: Installation, made: Made) -> None:
    secrets = [path.read_bytes() for path in (installation.settings.home / "secrets").iterdir()]
    assert len(secrets) >= 4
    assert made.target.exists(f"{layout.folder(made.backup.id)}/{layout.SECRETS}")
    for path in Path(made.target.local_root or "").rglob("*"):
        content = path.read_bytes() if path.is_file() else b""
        content += gzip.decompress(content) if path.suffix == ".gz" else b""
        assert not [secret for secret in secrets if secret in content], path


def test_another_passphrase_opens_nothing(installation: Installation, made: Made, tmp_path: Path) -> None:
    (tmp_path / "other").write_text("some other words of mine")
    home = installation.new_home().model_copy(update={"backup_passphrase_file": tmp_path / "other"})
    with pytest.raises(Unavailable, match="passphrase"):
        restoring.restore(home, made.target, str)


def test_without_a_passphrase_there_is_no_backup(installation: Installation, target: Store) -> None:
    with pytest.raises(InvalidInput, match="MARQUEE_BACKUP_PASSPHRASE_FILE"):
        making.make(installation.settings.model_copy(update={"backup_passphrase_file": None}), target, str)


def test_a_moment_between_two_writes(installation: Installation, made: Made) -> None:
    home = installation.new_home()
    restoring.restore(home, made.target, str, to=made.first, secrets=False)
    assert count(home) == made.rows + 1


def test_a_moment_after_the_last_write(installation: Installation, made: Made) -> None:
    home = installation.new_home()
    restoring.restore(home, made.target, str, to=made.second, secrets=False)
    assert count(home) == made.rows + 2


def test_a_moment_that_nothing_leads_to(installation: Installation, made: Made) -> None:
    home = installation.new_home()
    with pytest.raises(InvalidInput, match="does not lead so far"):
        restoring.restore(home, made.target, str, to=made.second.replace(year=2200))
    with pytest.raises(InvalidInput, match="no backup is so old"):
        restoring.restore(home, made.target, str, to=made.first.replace(year=2000))


def test_what_is_held_already_is_not_copied_again(installation: Installation, made: Made, copy: Store) -> None:
    def written() -> dict[str, int]:
        return {key: (Path(copy.local_root or "") / key).stat().st_mtime_ns for key in copy.keys("objects")}

    before = written()
    again = bare(installation.settings, copy)
    assert written() == before
    assert files(again) == files(made.backup)
    assert len(before) == len({sha256 for *_, sha256 in files(again)}) < len(files(again))  # equal files once


def test_killed_in_the_middle_it_is_made_by_the_next(installation: Installation, target: Store) -> None:
    argv = [sys.executable, "-m", "marquee.cli", "backup", "--without-secrets", "--to", target.url]
    process = subprocess.Popen(argv, stderr=subprocess.PIPE, text=True, env=os.environ | {"PYTHONUNBUFFERED": "1"})
    assert process.stderr
    next(line for line in process.stderr if line.startswith("mezzanine:"))  # the database and some stores are there
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert list(target.keys("objects"))
    assert layout.ids(target) == []
    done = bare(installation.settings, target)
    assert layout.ids(target) == [done.id]
    assert {key.split("/")[1] for key in target.keys("backups")} == {done.id}  # nothing of the one that was killed
    assert checking.verify(installation.settings, target, str).wrong == ()


def test_a_restore_that_was_killed_goes_on_and_data_is_not_written_over(installation: Installation, made: Made) -> None:
    home = installation.new_home()

    def killed(line: str) -> None:
        if line.startswith("mezzanine"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        restoring.restore(home, made.target, killed, secrets=False)
    restoring.restore(home, made.target, str, secrets=False)
    assert (home.home / "mlflow/1/model.npz").exists()
    (home.home / "mezzanine/mine").write_text("mine")
    with pytest.raises(Conflict, match=r"data already.*postgres.*mezzanine"):
        restoring.restore(home, made.target, str)
    restoring.restore(home, made.target, str, force=True, secrets=False)
    assert (home.home / "mezzanine/mine").read_text() == "mine"
    assert list((home.home / "postgres").glob("data-before-*"))


@pytest.mark.parametrize("pattern", ["objects/*/*", "backups/*/database/base.tar.gz"])
def test_a_flipped_byte_is_found(installation: Installation, copy: Store, pattern: str) -> None:
    path = sorted(Path(copy.local_root or "").glob(pattern))[0]
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    (wrong,) = checking.verify(installation.settings, copy, str).wrong
    assert path.name in wrong
    assert layout.verified_at(copy, layout.newest(copy).id) is None
    with pytest.raises(GateFailed):
        restoring.restore(installation.new_home(), copy, str, secrets=False)
    bare(installation.settings, copy)
    assert checking.verify(installation.settings, copy, str).wrong == ()  # what was damaged has been copied again


def test_a_good_one_is_noted_as_verified(installation: Installation, copy: Store) -> None:
    checked = checking.verify(installation.settings, copy, str)
    assert (checked.wrong, checked.rows["titles"]) == ((), 1)
    said = (installation.settings.home / "backups/last.json").read_text()
    assert copy.read("last.json").decode() == said
    assert str(layout.verified_at(copy, checked.backup)).replace(" ", "T") in said


def test_a_damaged_replica_is_not_what_is_backed_up(installation: Installation, target: Store) -> None:
    s, key = installation.settings, "video/h264-360p/1.m4s"
    replicas = [installation.at(s, key, region) for region in s.origins]
    try:
        replicas[0].write_bytes(b"X" * len(SEGMENTS[key]))
        replicas[1].unlink()
        assert bare(s, target).missing == ()
        assert checking.verify(s, target, str).wrong == ()
        replicas[2].unlink()
        elsewhere = Store(f"{target.url}-2")
        assert bare(s, elsewhere).missing == (f"{installation.release.prefix}/{key}",)
        assert "no replica had" in checking.verify(s, elsewhere, str).wrong[-1]
    finally:
        for path in replicas:
            path.write_bytes(SEGMENTS[key])


def test_old_backups_go_with_what_only_they_hold(installation: Installation, made: Made, copy: Store) -> None:
    s, only = installation.settings, installation.settings.home / "quarantine/worse-2/reason.json"
    only.parent.mkdir()
    only.write_bytes(b"of one alone")
    log = set(copy.keys("wal"))
    one = bare(s, copy, keep=1)
    shutil.rmtree(only.parent)
    objects = set(copy.keys("objects"))
    other = bare(s, copy, keep=1)
    assert layout.ids(copy) == [other.id]
    assert len(objects - set(copy.keys("objects"))) == 1
    assert not [key for key in copy.keys("") if one.id in key or made.backup.id in key]
    assert len(log) > len(set(copy.keys("wal")))  # segments from before it
    assert checking.verify(s, copy, str).wrong == ()


def test_what_was_published_between_two_backups_is_in_the_later(installation: Installation, target: Store) -> None:
    s = installation.settings
    with carrying(s, target):
        bare(s, target)
        release = publish(s, "another-film", {"video/h264-360p/1.m4s": b"of another film"})
        moment = installation.now()
        bare(s, target)
    home = installation.new_home()
    done = restoring.restore(home, target, str, to=moment, secrets=False)
    assert (done.rows["titles"], done.lacking) == (2, ())
    assert (home.home / "origin/us" / release.prefix / "video/h264-360p/1.m4s").read_bytes() == b"of another film"
    target.delete(layout.folder(layout.ids(target)[1]))
    lacking = restoring.restore(installation.new_home(), target, str, to=moment, secrets=False).lacking
    assert lacking == (f"{release.prefix}/video/h264-360p/1.m4s",)


def test_object_storage_holds_backups_as_a_folder_does(
    installation: Installation, s3_server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", s3_server)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    boto3.client("s3").create_bucket(Bucket="backups")
    target = layout.opened("s3://backups/of-here")
    with carrying(installation.settings, target):
        bare(installation.settings, target)
        again = bare(installation.settings, target, keep=1)
        installation.write("on object storage")
    assert layout.ids(target) == [again.id]
    home = installation.new_home()
    restoring.restore(home, target, str, secrets=False)
    assert count(home) == installation.rows()
    assert installation.at(home, "video/h264-360p/1.m4s").read_bytes() == SEGMENTS["video/h264-360p/1.m4s"]


def test_files_that_are_being_written_are_left_out() -> None:
    place = places.Place("mezzanine", ())
    assert not place.takes("abc/.film.mp4.0a1b2c3d")
    assert place.takes("abc/.done")
