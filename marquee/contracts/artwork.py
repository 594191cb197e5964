"""Pictures that a person gives a title, beside those of its releases."""

from typing import Self

from pydantic import Field, model_validator

from marquee.contracts.base import Contract

OWN_RELEASE = 0  # stands in a path where a release would: pictures of the title itself
SLACK = 1e-6  # of sums of shares, which browsers round


class Rectangle(Contract):
    """A part of a picture, in shares of its width and height from its upper left corner; all of it by default."""

    x: float = Field(default=0, ge=0, le=1, allow_inf_nan=False)
    y: float = Field(default=0, ge=0, le=1, allow_inf_nan=False)
    width: float = Field(default=1, gt=0, le=1, allow_inf_nan=False)
    height: float = Field(default=1, gt=0, le=1, allow_inf_nan=False)

    @model_validator(mode="after")
    def _within(self) -> Self:
        if self.x + self.width > 1 + SLACK or self.y + self.height > 1 + SLACK:
            raise ValueError("the rectangle leaves the picture")
        return self

    @property
    def focus(self) -> tuple[float, float]:
        """Where a picture has to be held that is cut to another shape, in shares from left and top.

        It is CSS's `object-position`. Held there, the picture shows all of the rectangle wherever there is room for
        it, and nothing beside it where there is not.
        """
        return _held(self.x, self.width), _held(self.y, self.height)


class OwnPicture(Contract):
    """A picture of one kind that a person has chosen. `rectangle` is a part of the picture in `source`."""

    file: str  # its name among the title's own pictures at the origins, made from its content
    sha256: str
    size: int  # bytes
    width: int  # pixels
    height: int
    source: str  # key in the mezzanine store of the picture as it came
    rectangle: Rectangle

    @property
    def path(self) -> str:
        """Below the folder of the title's own pictures."""
        return f"art/{self.file}"


def own_prefix(title_id: int) -> str:
    """Where a title's own pictures lie in every origin replica: they outlive its releases."""
    return f"{title_id}/{OWN_RELEASE}"


def _held(start: float, length: float) -> float:
    return min(1.0, start / (1 - length)) if length < 1 - SLACK else 0.5
