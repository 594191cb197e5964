"""Which fields of a refused request are at fault, in the words that its client knows."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

GOT_LENGTH = 80  # of a refused value, as quoted back
SOURCES = {"body", "query", "path", "header"}
MISFITS = {"missing", "extra_forbidden"}
Place = tuple[int | str, ...]


class FieldProblem(BaseModel):
    """One field at fault."""

    field: str
    expected: str
    got: str


@dataclass(frozen=True)
class _Fault:
    """One of pydantic's errors.

    `place` are the fields that lead to it. `model` is set where a value may be of several models: the way to that value
    and the name of the model that the error is of.
    """

    error: Any
    place: Place
    model: Place

    @property
    def misfit(self) -> bool:
        """Whether it says that the value is not of this model at all."""
        return self.error["type"] in MISFITS and len(self.error["loc"]) == len(self.model) + 1


def field_problems(errors: Iterable[Any], body: Any) -> list[FieldProblem]:
    """What is wrong with each field of a request, and nothing twice.

    Where a value may be of several models, pydantic tells what is wrong with it as each, and names the model among the
    fields. A client knows no models: it is told of those that fit its value best, by fields alone.
    """
    best = _best([_fault(error, body) for error in errors])
    return list({(_name(each.place), each.error["msg"]): _problem(each.error, each.place) for each in best}.values())


def field_problem(error: Any) -> FieldProblem:
    """One of pydantic's errors, of a value that is of one model; `expected` is its message in words."""
    return _problem(error, error["loc"])


def _problem(error: Any, place: Place) -> FieldProblem:
    got = "nothing" if error["type"] == "missing" else repr(error.get("input"))[:GOT_LENGTH]
    return FieldProblem(field=_name(place), expected=error["msg"], got=got)


def _name(place: Place) -> str:
    return ".".join(map(str, place[1:] if len(place) > 1 and place[0] in SOURCES else place))


def _fault(error: Any, body: Any) -> _Fault:
    """What of an error's location is no field of the body is the name of a model. A missing field stands at its end."""
    location: Place = error["loc"]
    if location[0] != "body":
        return _Fault(error, location, ())
    place, value = location[:1], body
    model: Place = ()
    for end, part in enumerate(location[1:], start=2):
        if _holds(value, part):
            place, value = (*place, part), value[part]
        elif error["type"] == "missing" and end == len(location):
            place = (*place, part)
        else:
            model = model or location[:end]
    return _Fault(error, place, model)


def _holds(value: Any, part: int | str) -> bool:
    if isinstance(value, list):
        return isinstance(part, int) and part < len(value)
    return isinstance(value, dict) and part in value


def _best(faults: list[_Fault]) -> list[_Fault]:
    """Those of the models that fit best, at each value that may be of several."""
    misfits = Counter(fault.model for fault in faults if fault.misfit)
    fewest: dict[Place, int] = {}
    for fault in faults:
        value = fault.model[:-1]
        fewest[value] = min(misfits[fault.model], fewest.get(value, len(faults)))
    return [fault for fault in faults if misfits[fault.model] == fewest[fault.model[:-1]]]
