"""Sprite sheets and posters."""

from pathlib import Path

import pytest
from PIL import Image

from marquee.content.media.thumbnails import make_artwork, make_thumbnails, sheets_folder
from marquee.storage import Store

# Black, red, green, blue: a colour for each segment of four seconds.
COLOURS = "color=black:s=640x360:r=25:d=4[a];color=red:s=640x360:r=25:d=4[b];color=lime:s=640x360:r=25:d=4[c]"
FILM = f"{COLOURS};color=blue:s=640x360:r=25:d=2[d];[a][b][c][d]concat=n=4"


def test_a_tile_shows_the_first_frame_of_its_segment(
    plan_of, make_clip, mezzanine: Store, work: Store, scratch: Path
) -> None:
    plan = plan_of(make_clip("colours.mp4", audio=False, video=FILM))
    seen: list[float] = []
    sheets = make_thumbnails(plan, mezzanine, work, scratch, seen.append)
    assert (sheets.columns, sheets.rows, sheets.sheets, sheets.interval_s) == (4, 1, ("1.jpg",), 4.0)
    assert (sheets.tile_width, sheets.tile_height) == (320, 180)
    with Image.open(work.fetch(f"{sheets_folder(plan)}/1.jpg")) as sheet:
        assert sheet.size == (1280, 180)
        middles = [sheet.getpixel((320 * n + 160, 90)) for n in range(4)]
    expected = [(0, 0, 0), (255, 0, 0), (0, 255, 0), (0, 0, 255)]
    assert all(
        abs(a - b) < 12 for got, want in zip(middles, expected, strict=True) for a, b in zip(got, want, strict=True)
    )
    assert seen[-1] == 1.0
    assert make_thumbnails(plan, Store("file:///nonexistent"), work, scratch) == sheets


def test_sheets_of_a_long_film_are_full_and_of_one_size(
    plan_of, small, make_clip, mezzanine: Store, work: Store, scratch: Path
) -> None:
    plan = small(plan_of(make_clip("long.mp4", seconds=60, size="32x32", rate="12", audio=False)))
    sheets = make_thumbnails(plan, mezzanine, work, scratch)
    assert (sheets.columns, sheets.rows, len(sheets.sheets)) == (10, 10, 2)
    for name in sheets.sheets:
        with Image.open(work.fetch(f"{sheets_folder(plan)}/{name}")) as sheet:
            assert sheet.size == (320, 320)


def test_the_poster_is_no_black_frame(plan_of, make_clip, mezzanine: Store, work: Store, scratch: Path) -> None:
    picture = "color=black:s=320x180:r=25:d=5[a];testsrc2=s=320x180:r=25:d=2[b];[a][b]concat"
    plan = plan_of(make_clip("dark.mp4", audio=False, video=picture))
    art = make_artwork(plan, mezzanine, work, scratch)
    with Image.open(work.fetch(art["poster"])) as poster, Image.open(work.fetch(art["backdrop"])) as backdrop:
        assert poster.size == (120, 180)
        assert backdrop.size == (320, 180)
        assert backdrop.convert("L").entropy() > 3


def test_what_was_delivered_is_not_made(
    plan_of, make_clip, mezzanine: Store, work: Store, scratch: Path, tmp_path: Path
) -> None:
    Image.new("RGB", (20, 30)).save(tmp_path / "mine.png")
    plan = plan_of(make_clip(), tmp_path / "mine.png", artwork={"poster": "mine.png"})
    assert set(make_artwork(plan, mezzanine, work, scratch)) == {"backdrop"}


@pytest.mark.parametrize("name", ["rotation-90-one-frame.mp4"])
def test_one_upright_frame(
    name: str, plan_of, shared_media: Path, mezzanine: Store, work: Store, scratch: Path
) -> None:
    plan = plan_of(shared_media / name)
    sheets = make_thumbnails(plan, mezzanine, work, scratch)
    assert (sheets.tile_width, sheets.tile_height, sheets.columns) == (60, 100, 1)
    with Image.open(work.fetch(make_artwork(plan, mezzanine, work, scratch)["poster"])) as poster:
        assert poster.size == (60, 90)
