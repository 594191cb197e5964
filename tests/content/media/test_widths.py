"""Narrower pictures: of the same shape and upright, and none that would be no narrower."""

from pathlib import Path

import pytest
from PIL import Image

from marquee.content.media.widths import WIDTHS, narrower


@pytest.mark.parametrize("kind", WIDTHS)
@pytest.mark.parametrize(
    ("mode", "suffix"), [("RGB", "jpg"), ("RGBA", "png"), ("P", "png"), ("L", "webp"), ("CMYK", "jpg")]
)
def test_they_are_the_same_picture_in_less_room(tmp_path: Path, kind: str, mode: str, suffix: str) -> None:
    source = tmp_path / f"picture.{suffix}"
    Image.new(mode, (900, 1350)).save(source)
    made = narrower(kind, source, tmp_path / "made")
    assert list(made) == [width for width in WIDTHS[kind] if width < 900]
    for width, file in made.items():
        assert file.relative_to(tmp_path / "made") == Path(f"{width}/{kind}.webp")
        with Image.open(file) as picture:
            assert (picture.format, picture.size) == ("WEBP", (width, round(width * 1.5)))
            assert ("A" in picture.getbands()) == (mode == "RGBA")


def test_a_picture_that_lies_on_its_side_is_turned_first(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[274] = 6  # orientation: a quarter turn
    Image.new("RGB", (1350, 900)).save(tmp_path / "picture.jpg", exif=exif)
    made = narrower("poster", tmp_path / "picture.jpg", tmp_path)
    with Image.open(made[320]) as picture:
        assert picture.size == (320, 480)


def test_what_is_narrow_or_shown_in_one_size_has_none(tmp_path: Path) -> None:
    Image.new("RGB", (320, 480)).save(tmp_path / "narrow.png")
    Image.new("RGB", (900, 300)).save(tmp_path / "logo.png")
    assert narrower("poster", tmp_path / "narrow.png", tmp_path) == {}
    assert narrower("logo", tmp_path / "logo.png", tmp_path) == {}
