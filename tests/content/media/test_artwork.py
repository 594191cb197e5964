"""Files made of pictures: the part that was chosen, upright, no larger than shown, and nothing told of the camera."""

from pathlib import Path

import pytest
from PIL import Image
from PIL.ImageColor import getrgb

from marquee.content.media.artwork import FORMS, box_of, make_picture, write_picture
from marquee.contracts.artwork import Rectangle

QUARTERS = {"red": (0, 0), "lime": (1, 0), "blue": (0, 1), "white": (1, 1)}
ORIENTATION, MAKE = 0x0112, 0x010F  # tags of Exif


def quarters(path: Path, size: tuple[int, int] = (400, 240), mode: str = "RGB", **how: object) -> Path:
    """A picture of four colours."""
    image = Image.new("RGB", size)
    for colour, (right, low) in QUARTERS.items():
        image.paste(colour, (right * size[0] // 2, low * size[1] // 2, (right + 1) * size[0] // 2, size[1]))
    image.convert(mode).save(path, **how)
    return path


def colours(path: Path) -> set[str]:
    """The colours that make up more than a hundredth of a picture."""
    with Image.open(path) as image:
        pixels = image.convert("RGB").resize((40, 40)).getcolors(1600)
    count = dict.fromkeys(QUARTERS, 0)
    for times, pixel in pixels:
        nearest = min(QUARTERS, key=lambda name: sum(abs(a - b) for a, b in zip(getrgb(name), pixel, strict=True)))
        count[nearest] += times
    return {name for name, times in count.items() if times > 16}


def test_of_a_poster_the_rectangle_is_kept_in_its_shape_and_of_others_all(tmp_path: Path) -> None:
    source = quarters(tmp_path / "source.png")
    right = Rectangle(x=0.5, width=0.5)
    poster = make_picture("poster", source, right, tmp_path)
    assert (poster.width, poster.height) == (160, 240)
    assert colours(poster.path) == {"lime", "white"}
    for kind in ("backdrop", "logo"):
        output = tmp_path / f"{kind}.{FORMS[kind].suffix}"
        assert write_picture(kind, source, output, right) == (400, 240)
        assert colours(output) == set(QUARTERS)
    first = poster.path.read_bytes()
    assert make_picture("poster", source, right, tmp_path).path.read_bytes() == first


def test_a_box_has_its_shape_and_stays_within_the_picture() -> None:
    for width, height in ((400, 240), (2, 3), (1, 1), (3000, 10), (10, 3000)):
        for part in (Rectangle(), Rectangle(x=0.9, width=0.1), Rectangle(x=0.4999, y=0.7, width=0.01, height=0.3)):
            left, top, right, bottom = box_of("poster", width, height, part)
            assert 0 <= left < right <= width
            assert 0 <= top < bottom <= height
            if min(right - left, bottom - top) > 20:
                assert (right - left) / (bottom - top) == pytest.approx(2 / 3, rel=0.05)


def test_a_picture_is_upright_and_says_nothing_of_its_camera(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[ORIENTATION], exif[MAKE] = 6, "a camera"  # to be turned clockwise by 90 degrees
    source = quarters(tmp_path / "source.jpg", exif=exif, comment=b"at home")
    output = tmp_path / "made.jpg"
    assert write_picture("backdrop", source, output, Rectangle()) == (240, 400)
    with Image.open(output) as made:
        assert made.convert("RGB").getpixel((230, 5))[0] > 200  # red was on the left
        assert not made.getexif()
    assert b"at home" not in output.read_bytes()


def test_no_picture_is_larger_than_shown_nor_made_larger(tmp_path: Path) -> None:
    large = quarters(tmp_path / "large.jpg", (6000, 3000))
    small = quarters(tmp_path / "small.jpg", (40, 60))
    assert write_picture("backdrop", large, tmp_path / "b.jpg", Rectangle()) == (1920, 960)
    assert write_picture("poster", large, tmp_path / "p.jpg", Rectangle()) == (1000, 1500)
    assert write_picture("poster", small, tmp_path / "s.jpg", Rectangle()) == (40, 60)


@pytest.mark.parametrize(
    ("mode", "suffix"), [("L", "png"), ("P", "png"), ("RGBA", "webp"), ("CMYK", "jpg"), ("1", "png")]
)
def test_pictures_of_all_modes_are_made(tmp_path: Path, mode: str, suffix: str) -> None:
    source = quarters(tmp_path / f"source.{suffix}", mode=mode)
    for kind, form in FORMS.items():
        write_picture(kind, source, tmp_path / f"made.{form.suffix}", Rectangle())


def test_what_is_transparent_stays_so_in_a_logo_and_is_black_elsewhere(tmp_path: Path) -> None:
    Image.new("RGBA", (60, 60), (255, 255, 255, 0)).save(tmp_path / "clear.png")
    Image.new("I;16", (60, 60), 30000).save(tmp_path / "grey.png")
    write_picture("logo", tmp_path / "clear.png", tmp_path / "logo.png", Rectangle())
    write_picture("backdrop", tmp_path / "clear.png", tmp_path / "clear.jpg", Rectangle())
    write_picture("backdrop", tmp_path / "grey.png", tmp_path / "grey.jpg", Rectangle())
    with Image.open(tmp_path / "logo.png") as logo, Image.open(tmp_path / "clear.jpg") as black:
        assert logo.getpixel((30, 30))[3] == 0
        assert max(black.getpixel((30, 30))) < 5
    with Image.open(tmp_path / "grey.jpg") as grey:
        assert grey.getpixel((30, 30)) == pytest.approx((117, 117, 117), abs=3)
