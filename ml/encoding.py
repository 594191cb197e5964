"""Logs searched ladders to MLflow, so that encoding experiments can be compared like models."""

from collections.abc import Iterator

import httpx

from marquee.contracts.errors import Unavailable
from marquee.contracts.ladder import LadderOutcome, Point
from marquee.settings import settings
from ml import tracking

EXPERIMENT = "encoding"
PATIENCE_S = 10
KEPT = "ladder.json"


def log_ladder(plan: str, found: LadderOutcome) -> str:
    """Log a search as a run: what was searched with, each rung as expected and as it came out, and what it took.

    The id of the run; that of the earlier one where the plan is logged already. Raises Unavailable when MLflow does
    not answer.
    """
    _require_server()
    from mlflow.exceptions import MlflowException

    try:
        return _logged(plan) or _log(plan, found)
    except MlflowException as error:
        raise Unavailable("MLflow does not answer", where=EXPERIMENT, got=str(error)[:200]) from None


def _require_server() -> None:
    """Raise Unavailable at once: the library itself would try for minutes."""
    try:
        httpx.get(f"{settings().mlflow}/health", timeout=PATIENCE_S).raise_for_status()
    except httpx.HTTPError as error:
        raise Unavailable("MLflow does not answer", where=settings().mlflow, got=str(error)) from None


def _logged(plan: str) -> str | None:
    client = tracking.client()
    experiment = client.get_experiment_by_name(EXPERIMENT)
    if experiment is None:
        return None
    wanted = f"tags.plan = '{plan}' and attributes.status = 'FINISHED'"
    runs = client.search_runs([experiment.experiment_id], filter_string=wanted, max_results=1)
    return str(runs[0].info.run_id) if runs else None


def _log(plan: str, found: LadderOutcome) -> str:
    library = tracking.mlflow()
    with tracking.run(EXPERIMENT, f"{found.search.profile} {plan}", {"plan": plan}) as run_id:
        library.log_params(_params(found))
        library.log_metrics(tracking.finite(dict(_metrics(found))))
        library.log_dict(found.model_dump(mode="json"), KEPT)
        for codec in dict.fromkeys(point.codec for point in found.search.hull):
            _log_hull([point for point in found.search.hull if point.codec is codec])
    return run_id


def _params(found: LadderOutcome) -> dict[str, object]:
    rungs = {rung.name: f"{rung.width}x{rung.height} crf {rung.crf}" for rung in found.search.rungs}
    presets = {f"{rung.codec}.preset": f"{rung.preset} {rung.options}".strip() for rung in found.search.rungs}
    taken = {"profile": found.search.profile, "stretches": len(found.search.stretches)}
    return {**taken, "points": len(found.search.points), **presets, **rungs}


def _metrics(found: LadderOutcome) -> Iterator[tuple[str, float]]:
    yield from (("search_s", found.search.seconds), ("encode_s", found.encode_s))
    if found.cost is not None:
        yield "cost", found.cost
    for rung, point in zip(found.search.rungs, found.search.expected, strict=True):
        yield from ((f"{rung.name}.expected_kbps", point.kbps), (f"{rung.name}.expected_vmaf", point.vmaf))
    for each in found.outcomes:
        yield from ((f"{each.name}.kbps", each.kbps), (f"{each.name}.vmaf", each.vmaf))
        yield f"{each.name}.vmaf_p5", each.vmaf_p5


def _log_hull(points: list[Point]) -> None:
    """Quality over the rate in kb/s, as a metric whose step is the rate: MLflow draws it."""
    for point in points:
        tracking.mlflow().log_metric(f"hull.{point.codec}.vmaf", point.vmaf, step=round(point.kbps))
