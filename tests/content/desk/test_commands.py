"""`marquee title …`: the desk from a shell."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from marquee.cli import cli
from marquee.contracts.errors import MarqueeError, NotFound, Outdated
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
