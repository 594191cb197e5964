"""The sidecars title.yaml and series.yaml: read without trust, every problem named by its field."""

from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from marquee.content.delivery.files import content
from marquee.content.delivery.safe_yaml import Problem, parse
from marquee.contracts.base import Contract
from marquee.contracts.delivery import RefusalCode
from marquee.contracts.errors import DeliveryRefused, InvalidInput
from marquee.contracts.series import SeriesDescription, SeriesMetadata
from marquee.contracts.title import FILE_NAME_PATTERN, Description, TitleMetadata

SIDECAR, SERIES_SIDECAR = "title.yaml", "series.yaml"
MAX_BYTES = 1024 * 1024
SHOWN = 10  # further problems of one sidecar that a message spells out
Said = TypeVar("Said", bound=Contract)


def load_sidecar(folder: Path) -> TitleMetadata:
    """The metadata in `folder/title.yaml`; the slug is the folder's name.

    `title` and `synopsis` at the top are short for the same in `texts.<original_language>`. Raises DeliveryRefused:
    sidecar-invalid or unsafe-name with all problems in the message and the first in the fields, or what a file that
    is missing, a link or larger than 1 MiB raises.
    """
    return _load(folder, SIDECAR, TitleMetadata)


def load_series(folder: Path) -> SeriesMetadata:
    """What `folder/series.yaml` says, read in the same way. Raises what `load_sidecar` raises."""
    return _load(folder, SERIES_SIDECAR, SeriesMetadata)


def read_description(document: dict[str, Any]) -> Description:
    """What a person says of a title, held against the sidecar's rules. Raises InvalidInput with all problems."""
    return _read(document, Description)


def read_series(document: dict[str, Any]) -> SeriesDescription:
    """What a person says of a series, in the same way."""
    return _read(document, SeriesDescription)


def _load(folder: Path, name: str, model: type[Said]) -> Said:
    document, problems = parse(content(folder, name, limit=MAX_BYTES))
    if problems:
        raise _refused(name, problems)
    problems += _spell_out(document, folder.name)
    try:
        metadata = model.model_validate(document)
    except ValidationError as error:
        raise _refused(name, problems + [_problem(e) for e in error.errors(include_url=False)]) from None
    if problems:
        raise _refused(name, problems)
    return metadata


def _read(document: dict[str, Any], model: type[Said]) -> Said:
    try:
        return model.model_validate(document)
    except ValidationError as error:
        first, *others = (_problem(e) for e in error.errors(include_url=False))
    what = "; ".join([first.what, *(f"also {problem}" for problem in others[:SHOWN])])
    raise InvalidInput(what, where=first.field, expected=first.expected, got=first.got)


def _spell_out(document: dict[str, Any], name: str) -> list[Problem]:
    """Put defaults and short forms into the document in place."""
    problems = []
    if document.setdefault("slug", name) != name:
        problems.append(Problem("slug", "not the name of the delivery folder", repr(name), _shown(document["slug"])))
    short = {key: document.pop(key) for key in ("title", "synopsis") if key in document}
    if short:
        language, texts = document.get("original_language") or "en", document.setdefault("texts", {})
        if not isinstance(language, str) or not isinstance(texts, dict) or language in texts:
            expected = f"{' and '.join(short)} either at the top or in texts"
            problems.append(Problem("texts", "has the original language too", expected))
        else:
            texts[language] = short
    return problems


def _problem(error: ErrorDetails) -> Problem:
    field = ".".join(str(part)[:80] for part in error["loc"] if part != "[key]")
    if error["type"] == "missing":
        return Problem(field, "missing", "a value", "nothing")
    if error["type"] == "extra_forbidden":
        return Problem(field, "not a field of the sidecar", "a known field", _shown(error["input"]))
    if error.get("ctx", {}).get("pattern") == FILE_NAME_PATTERN:
        expected = "the bare name of a file beside the sidecar, without path, leading dash or dot"
        return Problem(field, "unsafe file name", expected, _shown(error["input"]), RefusalCode.UNSAFE_NAME)
    if error["type"] == "value_error":
        return Problem(field, error["msg"].removeprefix("Value error, "), got=_shown(error["input"]))
    expected = error["msg"].removeprefix("Input should be ").removeprefix("String should ")
    return Problem(field, "does not hold", expected, _shown(error["input"]))


def _shown(value: object) -> str:
    return repr(value)[:80] if isinstance(value, str | int | float) else ""


def _refused(name: str, problems: list[Problem]) -> DeliveryRefused:
    first, *others = sorted(problems, key=lambda p: p.code != RefusalCode.UNSAFE_NAME)
    also = [f"also {p}" for p in others[:SHOWN]]
    more = [f"and {len(others) - SHOWN} more"] if len(others) > SHOWN else []
    return DeliveryRefused(
        first.code,
        "; ".join([first.what, *also, *more]),
        where=f"{name}: {first.field}" if first.field else name,
        expected=first.expected,
        got=first.got,
    )
