"""Quality classes: every shape that fills a box bears the box's name."""

import pytest

from marquee.contracts.quality import STANDARD, quality_class


@pytest.mark.parametrize("lines", STANDARD)
@pytest.mark.parametrize("aspect", [16 / 9, 1.85, 2.0, 2.39, 2.76])
def test_wide_pictures_are_called_by_the_box_they_fill(lines: int, aspect: float) -> None:
    width = round(lines * 16 / 9)
    height = round(width / aspect)
    assert quality_class(width, height) == quality_class(height, width) == f"{lines}p"


@pytest.mark.parametrize("lines", STANDARD)
@pytest.mark.parametrize("aspect", [4 / 3, 1.0, 1.5])
def test_narrow_pictures_are_called_by_their_lines(lines: int, aspect: float) -> None:
    assert quality_class(round(lines * aspect), lines) == f"{lines}p"


@pytest.mark.parametrize(
    ("width", "height", "name"),
    [(1440, 1074, "1080p"), (640, 272, "360p"), (640, 478, "480p"), (416, 234, "240p"), (1080, 1920, "1080p"),
     (800, 450, "450p")],
)  # fmt: skip
def test_pictures_that_miss_a_box_a_little_bear_its_name(width: int, height: int, name: str) -> None:
    assert quality_class(width, height) == name
