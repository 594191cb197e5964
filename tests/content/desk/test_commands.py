"""`marquee title …`: the desk from a shell."""

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from marquee.catalogue import releases
from marquee.catalogue.database import begin
from marquee.cli import cli
from marquee.contracts.errors import Conflict, MarqueeError, NotFound, Outdated
from tests.content.desk.conftest import Deliver, fields


def title(*words: str) -> str:
    """What a command prints. Raises what it raises."""
    done = CliRunner().invoke(cli, ["title", *words])
    if isinstance(done.exception, MarqueeError):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.stdout


def test_a_title_is_managed_from_a_shell(deliver: Deliver, purged: list[str], tmp_path: Path) -> None:
    title_id, changes = deliver(), tmp_path / "changes.yaml"
    changes.write_text("year: 2001\ntexts: {de: , fr: {title: La lanterne}}\n")
    assert "edited, version 2" in title("edit", "the-lantern", str(changes), "--note", "a mistake")
    assert (fields(title_id)["year"], "texts.de" in fields(title_id)) == (2001, False)
    with pytest.raises(Outdated):
        title("edit", "the-lantern", str(changes), "--version", "1")
    shown = title("show", "the-lantern")
    assert "year: 2001" in shown
    assert "people's fields: texts.de, texts.fr, year" in shown
    assert "version 3" in title("undo", "the-lantern", "2")
    assert "withdrawn, version 4" in title("withdraw", "the-lantern", "--reason", "rights")
    assert purged
    assert "the-lantern  withdrawn  version 4" in title("list", "lantern", "--state", "withdrawn")
    assert "published: 0" not in title("list", "--state", "published")
    title("restore", "the-lantern")
    with begin() as session:
        (shown,) = releases.of_title(session, title_id)
    deliver(plan="plan-b", publish=False, year=2002)
    ready = re.search(r"# release (\d+), .*: ready", title("show", "the-lantern"))
    assert ready
    assert f"release {ready[1]} from 2030" in title("schedule", "the-lantern", ready[1], "--at", "2030-01-01T00:00:00")
    assert f"release {ready[1]} from 2030" in title("show", "the-lantern")
    assert "no release is scheduled" in title("unschedule", "the-lantern")
    assert f"/preview#{'A' * 5}" in re.sub("#[A-Za-z0-9_-]{44}", "#AAAAA", title("preview", "the-lantern", ready[1]))
    with pytest.raises(Conflict):
        title("schedule", "the-lantern", str(shown.id), "--at", "2030-01-01T00:00:00")
    assert "the-lantern" in title("list", "--scheme", "none")
    assert title("list", "--scheme", "cenc") == "no titles\n"
    assert "shown from 2030-01-01" in title("publish", "the-lantern", "--at", "2030-01-01T00:00:00")
    title("delete", "the-lantern", "--grace-days", "1")
    assert "kept" in title("keep", "the-lantern")
    assert "releases: " not in title("retention")
    title("delete", "the-lantern", "--grace-days", "0")
    assert "the-lantern: deleted" in title("upkeep")
    assert title("list") == "no titles\n"
    with pytest.raises(NotFound):
        title("show", "the-lantern")
    with pytest.raises(MarqueeError, match="not a choice"):
        title("list", "--order", "colour")
