"""What is kept of a member, as its owner gets it: everything, and no secret."""

import csv
import io
import json
import zipfile
from pathlib import Path

import pytest
from sqlalchemy import inspect, text

from marquee.catalogue import personal
from marquee.catalogue.database import begin, engine
from marquee.contracts.lake import HISTORY
from marquee.members import export, staff
from marquee.viewing import lake
from marquee.viewing.pipeline import personal as of_the_lake
from tests.households import household

pytestmark = pytest.mark.usefixtures("catalogue")


def test_every_table_that_names_accounts_is_in_it() -> None:
    with begin() as session:
        found = set(personal.rows_of(session, 7))
    tables = inspect(engine()).get_table_names()
    naming = {t for t in tables if "account_id" in {c["name"] for c in inspect(engine()).get_columns(t)}}
    assert {name for name in naming | {"accounts"} if not name.rpartition("_p")[2].isdigit()} == found


def test_what_is_kept_is_told_but_for_secrets(tmp_path: Path) -> None:
    ada, ben = household("ada@example.org", name="Ada L.", pin_hash="secret of a PIN"), household(name="Ben")
    with begin() as session:
        session.execute(text("update accounts set password_hash = 'secret of a password'"))
    blank = dict.fromkeys(HISTORY.columns)
    rows = [blank | {"profile_id": each.profile_id} for each in (ada, ada, ben)]
    lake.write(HISTORY, "a.parquet", rows, source="x")
    file = tmp_path / "ada.zip"
    parts = {"account": export.kept(staff.note_export("ada@example.org", by="support"))}
    written = export.write(file, parts | {"viewing": of_the_lake.rows_of([ada.profile_id])})
    with zipfile.ZipFile(file) as archive:
        held = {name: archive.read(name).decode() for name in archive.namelist()}
    (account,) = json.loads(held["account/accounts.json"])
    assert (account["id"], account["email"]) == (ada.account_id, "ada@example.org")
    assert [row["name"] for row in csv.DictReader(io.StringIO(held["account/profiles.csv"]))] == ["Ada L."]
    assert [row["kind"] for row in json.loads(held["account/audit_entries.json"])] == ["exported"]
    assert len(json.loads(held["viewing/history.json"])) == 2
    assert written == sum(len(json.loads(content)) for name, content in held.items() if name.endswith(".json"))
    everything = "".join(held.values())
    for other in ("secret", "Ben", str(ben.account_id), str(ben.profile_id)):
        assert other not in everything
    assert not list(tmp_path.glob("*.part"))
