from pathlib import Path

import pytest

from marquee.content.delivery.compose import compose
from marquee.content.delivery.inbox import ready_deliveries
from marquee.content.delivery.intake import take
from marquee.contracts.errors import Conflict, InvalidInput
from marquee.storage import Store
from tests.conftest import MakeClip


def test_what_is_composed_is_accepted(tmp_path: Path, make_clip: MakeClip) -> None:
    clip, subtitles = make_clip("a.mp4", seconds=1, size="64x64"), tmp_path / "-odd name.srt"
    subtitles.write_text("1\n00:00:00,000 --> 00:00:01,000\nHello\n")
    inbox = tmp_path / "inbox"
    name = compose(inbox, clip, title="Größe & Ende", year=2020, subtitles={"en": subtitles})
    assert [found for found, _ in ready_deliveries(inbox, 60)] == [name]
    accepted = take(inbox / name, Store(f"file://{tmp_path}/mezzanine"))
    assert accepted.metadata.name == "Größe & Ende"
    assert [t.language for t in accepted.metadata.subtitles] == ["en"]
    with pytest.raises(Conflict):
        compose(inbox, clip, title="x", year=2020, slug=name)


def test_a_missing_file_is_named_and_nothing_is_left(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="nowhere"):
        compose(tmp_path / "inbox", tmp_path / "nowhere.mp4", title="x", year=2020)
    assert not (tmp_path / "inbox").exists()
