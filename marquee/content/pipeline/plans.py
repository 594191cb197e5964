"""Plans as they are kept: in the work store with the files made by them, and aside when those are collected."""

from pydantic import ValidationError

from marquee.content.pipeline.stores import work
from marquee.contracts.errors import NotFound
from marquee.contracts.ladder import LadderOutcome
from marquee.contracts.plan import EncodePlan

ASIDE = "plans"


def keep(plan: EncodePlan) -> None:
    """Write `<plan>/plan.json`, by which the plan's work files count as wanted."""
    work().write(_key(plan.hash), plan.model_dump_json(indent=1).encode())


def load(plan_hash: str) -> EncodePlan:
    """A plan, also one whose work files were collected.

    Raises NotFound where there is none, and for one of a form that nothing can be made by.
    """
    try:
        return _parsed(_key(plan_hash))
    except NotFound:
        return _parsed(_aside(plan_hash))


def has_files(plan_hash: str) -> bool:
    """Whether work files of a plan are kept."""
    return work().exists(_key(plan_hash))


def is_known(plan_hash: str) -> bool:
    """Whether `load` finds a plan."""
    try:
        load(plan_hash)
    except NotFound:
        return False
    return True


def of_files(plan_hash: str) -> EncodePlan | None:
    """A plan whose work files are kept; None where they are not, or it is of a form that nothing can be made by."""
    try:
        return _parsed(_key(plan_hash))
    except NotFound:
        return None


def put_aside(plan_hash: str) -> None:
    """Keep the plan alone, so that a release made by it can be told from its plan, and its tracks replaced."""
    if has_files(plan_hash):
        if found := ladder(plan_hash):
            work().write(_ladder_aside(plan_hash), _json(found))
        work().write(_aside(plan_hash), work().read(_key(plan_hash)))


def forget(plan_hash: str) -> None:
    """Delete what was put aside."""
    work().remove(_aside(plan_hash))
    work().remove(_ladder_aside(plan_hash))


def keep_ladder(plan_hash: str, found: LadderOutcome) -> None:
    """Write how the ladder of a plan was found, and what came of it, beside the plan."""
    work().write(_ladder(plan_hash), _json(found))


def ladder(plan_hash: str) -> LadderOutcome | None:
    """How the ladder of a plan was found, also of one whose work files were collected; None of a fixed ladder."""
    for key in (_ladder(plan_hash), _ladder_aside(plan_hash)):
        try:
            return LadderOutcome.model_validate_json(work().read(key))
        except (NotFound, ValidationError):
            continue
    return None


def has_ladder(plan_hash: str) -> bool:
    """Whether `ladder` finds anything."""
    return work().exists(_ladder(plan_hash)) or work().exists(_ladder_aside(plan_hash))


def _json(found: LadderOutcome) -> bytes:
    return found.model_dump_json().encode()


def _parsed(key: str) -> EncodePlan:
    try:
        return EncodePlan.model_validate_json(work().read(key))
    except ValidationError as error:
        raise NotFound(f"not a plan in today's form: {error.error_count()} errors", where=key) from None


def _key(plan_hash: str) -> str:
    return f"{plan_hash}/plan.json"


def _aside(plan_hash: str) -> str:
    return f"{ASIDE}/{plan_hash}.json"


def _ladder(plan_hash: str) -> str:
    return f"{plan_hash}/ladder.json"


def _ladder_aside(plan_hash: str) -> str:
    return f"{ASIDE}/{plan_hash}-ladder.json"
