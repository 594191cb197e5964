"""The base of every contract: frozen, closed to unknown fields."""

from fractions import Fraction
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, PlainSerializer


class Contract(BaseModel):
    """A value that crosses a folder. Immutable; an unknown field is an error, so a typo never passes silently."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _fraction(value: Any) -> Fraction:
    return Fraction(value) if not isinstance(value, str) else Fraction(value.replace(":", "/"))


Rational = Annotated[
    Fraction, BeforeValidator(_fraction), PlainSerializer(lambda f: f"{f.numerator}/{f.denominator}", return_type=str)
]
"""An exact ratio such as a frame rate; "24000/1001" in JSON."""
