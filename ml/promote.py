"""Promotes a challenger through the gate, and rolls back."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime

from marquee.contracts.errors import Conflict, NotFound
from marquee.logs import log
from ml import gate, registry, report, results, tracking
from ml.evaluate import Evaluation
from ml.gate import Check, Decision, Incumbent
from ml.registry import Version

POPULARITY = ("popularity", "popularity-30-days")
FACTS = ("data", "code", "audience", "simulated_share", "viewers", "titles", "interactions", "model_sha256")


def promote(run_id: str) -> Decision:
    """Judge the model of a training run, crown it if every rule holds, and say why in the registry and the run.

    Asked again about a model that has been decided on, it repeats the decision and changes nothing. Raises NotFound
    without such a model, Conflict when the champion is another than the one the run was compared with: train again.
    """
    challenger = registry.of_run(run_id)
    if "decision" in challenger.tags:
        return _parse(challenger.tags["decision"])
    with tracking.fetched(run_id, "") as folder:
        evaluations = results.load(folder / "evaluations")
    crowned = registry.aliased(registry.CHAMPION)
    incumbent = _incumbent(crowned, challenger, evaluations)
    decision = _decide(challenger, evaluations, incumbent)
    _record(challenger, crowned, decision, evaluations, incumbent)
    log.info("judged", model=challenger.model, promoted=decision.promoted, kind=decision.kind)
    return decision


def rollback(reason: str, to_version: int | None = None) -> Version:
    """Make an earlier version champion again: the one that the champion replaced, or the given one.

    The champion's recipe is barred until it changes; a recipe that both share is not, for then the data was at fault.
    Publish the champion afterwards. Raises NotFound where there is nothing to go back to.
    """
    crowned = registry.aliased(registry.CHAMPION)
    if crowned is None:
        raise NotFound("there is no champion to roll back", where=registry.NAME)
    target = to_version if to_version is not None else int(crowned.tags.get("previous", 0))
    if not target:
        raise NotFound("the champion replaced no other version", where=crowned.model)
    found = registry.version(target)
    if target != crowned.number:
        registry.crown(target)
        registry.tag(crowned.number, rolled_back=reason, rolled_back_at=_now())
        log.info("rolled back", model=crowned.model, to=found.model, reason=reason)
    return found


def _decide(challenger: Version, evaluations: Mapping[str, Evaluation], incumbent: Incumbent | None) -> Decision:
    if "champion" not in evaluations:
        words = "there was no held-out window: too little has been watched to judge any model by"
        return Decision(False, "first" if incumbent is None else "refresh", (Check("window", False, words),))
    barred = _barred(challenger, incumbent)
    return gate.decide(evaluations["champion"], _popularity(evaluations), incumbent, barred)


def _popularity(evaluations: Mapping[str, Evaluation]) -> Evaluation:
    """The better of those that recommend what everybody watches."""
    return max((evaluations[name] for name in POPULARITY), key=lambda found: found.mean().value)


def _incumbent(crowned: Version | None, challenger: Version, evaluations: Mapping[str, Evaluation]) -> Incumbent | None:
    if crowned is None:
        return None
    lift = float(crowned.tags["lift"]) if crowned.tags.get("lift") else None
    if crowned.tags["recipe"] == challenger.tags["recipe"]:
        return Incumbent(crowned.model, True, evaluations.get("champion"), lift)
    compared = tracking.client().get_run(challenger.run_id).data.tags.get("incumbent")
    if evaluations and compared != str(crowned.number):
        raise Conflict(
            "the champion has changed since this model was compared with it; train again",
            where=challenger.model,
            expected=f"version {crowned.number}",
            got=f"version {compared}",
        )
    return Incumbent(crowned.model, False, evaluations.get("incumbent"), lift)


def _barred(challenger: Version, incumbent: Incumbent | None) -> str:
    """Why a person rolled back this recipe; empty if nobody did, or if it is the champion's own."""
    if incumbent is None or incumbent.same_recipe:
        return ""
    versions = (registry.version(number) for number in sorted(registry.numbers(), reverse=True))
    same = (found for found in versions if found.tags.get("recipe") == challenger.tags["recipe"])
    return next((found.tags["rolled_back"] for found in same if "rolled_back" in found.tags), "")


def _record(
    challenger: Version,
    crowned: Version | None,
    decision: Decision,
    evaluations: Mapping[str, Evaluation],
    incumbent: Incumbent | None,
) -> None:
    """The report goes first, the crown next, the tag that ends it last: killed between, it is simply done again."""
    facts = {name: challenger.tags[name] for name in FACTS if name in challenger.tags}
    text = report.markdown(challenger.model, decision, evaluations, facts, incumbent)
    client, run_id = tracking.client(), challenger.run_id
    client.log_text(run_id, text, "report.md")
    client.log_text(run_id, report.html(report.headline(challenger.model, decision), text), "report.html")
    client.set_tag(run_id, "mlflow.note.content", text[: registry.ROOM])
    client.set_tag(run_id, "promoted", "yes" if decision.promoted else "no")
    registry.describe(challenger.number, text)
    if decision.promoted:
        lift = gate.lift(evaluations["champion"], _popularity(evaluations))
        previous = str(crowned.number) if crowned and crowned.number != challenger.number else ""
        if previous:
            registry.tag(challenger.number, previous=previous)
        registry.tag(challenger.number, lift="" if lift is None else repr(lift), promoted_at=_now())
        registry.crown(challenger.number)
    registry.tag(challenger.number, decision=json.dumps(asdict(decision)))


def _parse(text: str) -> Decision:
    body = json.loads(text)
    return Decision(body["promoted"], body["kind"], tuple(Check(**check) for check in body["checks"]))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
