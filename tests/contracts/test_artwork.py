"""Rectangles of pictures, and the focus that follows from them."""

import random

import pytest
from pydantic import ValidationError

from marquee.contracts.artwork import Rectangle

CLOSE = 1e-9


def drawn(source: random.Random) -> Rectangle:
    width, height = source.uniform(0.01, 1), source.uniform(0.01, 1)
    return Rectangle(x=source.uniform(0, 1 - width), y=source.uniform(0, 1 - height), width=width, height=height)


def test_held_at_its_focus_a_picture_shows_the_rectangle_in_every_shape() -> None:
    """What CSS shows of a side of a picture that is cut to the share `shown`, held at the focus."""
    source = random.Random(7)
    for _ in range(2000):
        part, shown = drawn(source), source.uniform(0.01, 1)
        for start, length, focus in zip((part.x, part.y), (part.width, part.height), part.focus, strict=True):
            first = focus * (1 - shown)
            if shown >= length:
                assert first <= start + CLOSE
                assert first + shown >= start + length - CLOSE
            else:
                assert start - CLOSE <= first
                assert first + shown <= start + length + CLOSE


def test_a_whole_picture_is_held_in_its_middle() -> None:
    assert Rectangle().focus == (0.5, 0.5)


@pytest.mark.parametrize(
    "said",
    [{"x": 0.6, "width": 0.5}, {"y": -0.1}, {"width": 0}, {"height": 1.1}, {"x": "nan"}, {"x": float("inf")}, {"z": 1}],
)
def test_what_leaves_the_picture_is_refused(said: dict[str, float]) -> None:
    with pytest.raises(ValidationError):
        Rectangle.model_validate(said)
