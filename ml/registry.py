"""The model registry: versions of the recommender, who is champion, and what each version is known to be.

Aliases: `champion` is served, `challenger` is the newest. Everything that decides is a tag of the version.
"""

from dataclasses import dataclass
from typing import Any

from marquee.contracts.errors import NotFound
from ml import tracking

NAME = "recommender"
ROOM = 4900  # characters of a description
CHAMPION, CHALLENGER = "champion", "challenger"


@dataclass(frozen=True)
class Version:
    """One version. `tags`: recipe, model_sha256, data, audience, …, and what has been decided about it."""

    number: int
    run_id: str
    tags: dict[str, str]

    @property
    def model(self) -> str:
        """Its name for people and for generations, e.g. `recommender/3`."""
        return f"{NAME}/{self.number}"


def register(model_uri: str, tags: dict[str, str]) -> Version:
    """A new version of the recommender, challenger from now on."""
    made = tracking.mlflow().register_model(model_uri, NAME, tags=tags)
    tracking.client().set_registered_model_alias(NAME, CHALLENGER, made.version)
    return version(int(made.version))


def version(number: int) -> Version:
    """Raises NotFound."""
    return _found(str(number), lambda client: client.get_model_version(NAME, str(number)))


def of_run(run_id: str) -> Version:
    """The version that a run made. Raises NotFound."""
    for number in sorted(numbers(), reverse=True):
        found = version(number)
        if found.run_id == run_id:
            return found
    raise NotFound("the run has registered no model", where=NAME, got=run_id)


def aliased(alias: str) -> Version | None:
    """The version that has an alias; none where no version has it."""
    try:
        return _found(alias, lambda client: client.get_model_version_by_alias(NAME, alias))
    except NotFound:
        return None


def numbers() -> list[int]:
    """All versions."""
    return [int(found.version) for found in tracking.client().search_model_versions(f"name = '{NAME}'")]


def crown(number: int) -> None:
    """Make a version the champion."""
    tracking.client().set_registered_model_alias(NAME, CHAMPION, str(number))


def tag(number: int, **values: str) -> None:
    for name, value in values.items():
        tracking.client().set_model_version_tag(NAME, str(number), name, value)


def describe(number: int, text: str) -> None:
    """Set the words that stand beside a version; the registry has room for so many."""
    text = text if len(text) <= ROOM else f"{text[:ROOM]}\n\n… the whole is in the run's report.md"
    tracking.client().update_model_version(NAME, str(number), description=text)


def _found(name: str, ask: Any) -> Version:
    from mlflow.exceptions import MlflowException

    try:
        found = ask(tracking.client())
    except MlflowException as error:
        if error.error_code in ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"):
            raise NotFound("no such version of the model", where=NAME, got=name) from None
        raise
    return Version(int(found.version), found.run_id, dict(found.tags))
