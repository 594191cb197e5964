"""The master key is exchanged while titles play; the exchange is killed in the middle and run again."""

import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Mapping

import psycopg
import pytest

from marquee.catalogue import profiles, releases, titles
from marquee.catalogue.database import begin
from marquee.catalogue.models import ProfileRow, TotpRow
from marquee.content.drm.keys import new_key, unwrap, wrap
from marquee.content.pipeline import content_keys
from marquee.contracts.errors import Unavailable
from marquee.contracts.keys import Exchange, TrackType
from marquee.contracts.members import Caller
from marquee.contracts.title import TitleMetadata
from marquee.members import pins
from marquee.members.errors import WrongPin
from marquee.members.second_factors import codes
from marquee.settings import settings
from marquee.tools.sealing import seal
from tests.households import household

OLD, NEW = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
RELEASES = 400
WAITING = "select count(*) from pg_locks where not granted"

pytestmark = pytest.mark.usefixtures("catalogue")


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch, catalogue: None) -> Mapping[str, bytes]:
    """Content keys under the old master key, of which one is not to be opened; both master keys are set."""
    monkeypatch.setenv("MARQUEE_MASTER_KEY", NEW)
    monkeypatch.setenv("MARQUEE_OTHER_MASTER_KEY", OLD)
    settings.cache_clear()
    made: dict[str, bytes] = {}
    texts = {"en": {"title": "Film"}}
    with begin() as session:
        metadata = TitleMetadata.model_validate({"slug": "film", "media": "film.mp4", "texts": texts, "year": 2020})
        title = titles.upsert(session, metadata, "f")
        for number in range(RELEASES):
            release = releases.open_release(session, title.id, f"plan {number}", "f")
            for track in (TrackType.AUDIO, TrackType.SD, TrackType.HD):
                key = new_key(track)
                made[key.kid] = key.reveal()
                wrapped = wrap(key, master=OLD, release_id=release.id)
                releases.add_key(session, release.id, track, key.kid, wrapped)
    return made


def opened(masters: list[str]) -> dict[str, bytes]:
    """All keys that these master keys open, as a licence would have them."""
    found = {}
    with begin() as session:
        for row in releases.keys_after(session, "", 10_000):
            try:
                terms = {"kid": row.kid, "track": TrackType(row.track_type), "release_id": row.release_id}
                found[row.kid] = unwrap(row.wrapped, masters=masters, **terms).reveal()
            except Unavailable:
                continue
    return found


def rotating() -> "subprocess.Popen[bytes]":
    argv = [sys.executable, "-m", "marquee.cli", "keys", "rotate-master"]
    return subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=dict(os.environ))


def test_it_is_killed_in_the_middle_and_ends_the_next_time(keys: Mapping[str, bytes]) -> None:
    third_batch = sorted(keys)[2 * content_keys.BATCH]
    with psycopg.connect(f"{settings().database_url}/marquee") as holder:
        holder.execute("select 1 from content_keys where kid = %s for update", [third_batch])
        process = rotating()
        deadline = time.monotonic() + 60
        while holder.execute(WAITING).fetchall() == [(0,)]:
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < deadline
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert len(opened([NEW])) == 2 * content_keys.BATCH  # what was done is kept
    assert opened([NEW, OLD]) == opened([OLD, NEW]) == keys  # and every title plays

    again = rotating()
    said, trouble = again.communicate()
    assert again.returncode == 0, trouble
    left = len(keys) - 2 * content_keys.BATCH
    assert f"content keys: {left} exchanged, {2 * content_keys.BATCH} held already, 0 not opened" in said.decode()
    assert opened([NEW]) == keys
    assert opened([OLD]) == {}


def test_a_key_that_neither_opens_is_named_and_the_rest_goes_on(keys: Mapping[str, bytes]) -> None:
    kid = sorted(keys)[7]
    with begin() as session:
        row = next(row for row in releases.keys_after(session, "", 10_000) if row.kid == kid)
        row.wrapped = row.wrapped[:-1]
    done = content_keys.rewrap_all()
    assert (done.exchanged, len(done.closed)) == (len(keys) - 1, 1)
    assert kid in done.closed[0]
    assert content_keys.rewrap_all() == Exchange(held=len(keys) - 1, closed=done.closed)


def test_without_the_other_key_nothing_is_exchanged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MARQUEE_OTHER_MASTER_KEY", raising=False)
    process = rotating()
    _, said = process.communicate()
    assert process.returncode == 1
    assert b"MARQUEE_OTHER_MASTER_KEY" in said


def test_secrets_of_authenticator_apps_are_exchanged_too(keys: Mapping[str, bytes]) -> None:
    with begin() as session:
        session.add_all(TotpRow(account_id=n, sealed_secret=seal(b"x", master=OLD, use=codes.USE)) for n in (1, 2))
        session.add(TotpRow(account_id=3, sealed_secret=seal(b"x", master=NEW, use=codes.USE)))
    assert codes.reseal_all() == Exchange(exchanged=2, held=1)
    assert codes.reseal_all() == Exchange(held=3)


def test_a_pin_is_exchanged_when_it_is_typed(keys: Mapping[str, bytes]) -> None:
    whose, caller = household(), Caller("127.0.0.1")

    def profile() -> ProfileRow:
        with begin() as session:
            return profiles.get(session, whose.account_id, whose.profile_id)

    with begin() as session:
        profiles.get(session, whose.account_id, whose.profile_id).pin_hash = pins.hashed(whose.profile_id, "1234", OLD)
    with pytest.raises(WrongPin):
        pins.check(profile(), "4321", caller)
    assert profile().pin_hash == pins.hashed(whose.profile_id, "1234", OLD)
    pins.check(profile(), "1234", caller)
    assert profile().pin_hash == pins.hashed(whose.profile_id, "1234", NEW)
    pins.check(profile(), "1234", caller)
