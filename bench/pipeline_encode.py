"""Times of every task of the encode stage, from Airflow's REST API."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bench.stack import Stack
from marquee.content.media.verify import RenditionMeasures
from marquee.content.pipeline.planning import Planned
from marquee.contracts.errors import MarqueeError
from marquee.contracts.plan import ChunkJob, ChunkResult, EncodePlan, TrackJob
from marquee.embedded.airflow_api import AirflowApi, Json
from marquee.storage import Store

DAG, SLUG = "title_pipeline", "bench-clip"
TIMEOUT_S = 6 * 3600
POLL_S = 3.0  # asking costs the machine that is measured


@dataclass(frozen=True)
class Task:
    """One mapped task: its job, and its Unix times in seconds."""

    job: ChunkJob | TrackJob
    start: float
    end: float


@dataclass(frozen=True)
class Stage:
    """The encode stage of one run. `encoding_s` is the time inside the chunks' use case, scores included, summed."""

    plan: EncodePlan
    tasks: tuple[Task, ...]  # in the order in which they were started
    encoding_s: float
    measures: dict[str, RenditionMeasures]

    @property
    def chunks(self) -> list[Task]:
        return [task for task in self.tasks if isinstance(task.job, ChunkJob)]

    @property
    def span(self) -> tuple[float, float]:
        """First start and last end of all chunks."""
        return min(task.start for task in self.chunks), max(task.end for task in self.chunks)

    @property
    def wall_s(self) -> float:
        start, end = self.span
        return end - start

    def tracks_s(self) -> float:
        """Seconds of slots that whole tracks took within the stage."""
        first, last = self.span
        tracks = [task for task in self.tasks if isinstance(task.job, TrackJob)]
        return sum(max(0.0, min(task.end, last) - max(task.start, first)) for task in tracks)

    def uses(self, slots: int) -> dict[str, float]:
        """Where the slots' seconds went: chunks, whole tracks, the rest of the tasks, nothing."""
        tasks_s = sum(task.end - task.start for task in self.chunks)
        tracks_s = self.tracks_s()
        rest = tasks_s - self.encoding_s
        empty = slots * self.wall_s - tasks_s - tracks_s
        return {"encoding": self.encoding_s, "tracks": tracks_s, "tasks": rest, "empty": empty}


def encode(stack: Stack, clip: Path, ladder: str) -> Stage:
    """Carry the clip through the platform until every rendition is verified; QC's questions are waived.

    Raises MarqueeError when the run ends before, Unavailable when it takes too long.
    """
    stack.deliver(SLUG, clip)
    with stack.airflow() as api:
        run = api.trigger(DAG, {"delivery": SLUG, "ladder": ladder, "quick_first": False})
        tasks = _verified(api, run)
        said = api.result(DAG, run, "plan")
        planned = Planned.model_validate({name: said[name] for name in Planned.model_fields if name in said})
        content = Store(stack.settings.work).read(f"{planned.plan}/plan.json")
        results = [ChunkResult.model_validate(api.result(DAG, run, "encode", n)) for n in range(len(planned.chunks))]
        assert not any(result.reused for result in results)
        verified = [api.result(DAG, run, "join_and_verify", n) for n in range(len(planned.rungs))]
    measures = [RenditionMeasures.model_validate(found) for found in verified]
    timed = _timed(tasks, "encode", planned.chunks) + _timed(tasks, "make_track", planned.tracks)
    return Stage(
        plan=EncodePlan.model_validate_json(content),
        tasks=tuple(sorted(timed, key=lambda task: task.start)),
        encoding_s=sum(result.seconds for result in results),
        measures={found.name: found for found in measures},
    )


def _verified(api: AirflowApi, run: str) -> list[Json]:
    """Follow the run to the last `join_and_verify` and `make_track`; its task instances."""
    tasks: list[Json] = []
    for _, tasks in api.follow(DAG, run, timeout_s=TIMEOUT_S, interval_s=POLL_S):
        if any(t["task_id"] == "approve" and t["state"] == "awaiting_input" for t in tasks):
            api.answer(DAG, run, "approve", "Waive", reason="a benchmark")
        if all(_succeeded(tasks, name) for name in ("join_and_verify", "make_track")):
            return tasks
    failed = [f"{t['task_id']}[{t['map_index']}]" for t in tasks if t["state"] == "failed"]
    raise MarqueeError("the run ended before its encodes were verified", where=run, got=", ".join(failed))


def _mapped(tasks: list[Json], name: str) -> list[Json]:
    return [t for t in tasks if t["task_id"] == name and t["map_index"] >= 0]


def _succeeded(tasks: list[Json], name: str) -> bool:
    found = _mapped(tasks, name)
    return bool(found) and all(t["state"] == "success" for t in found)


def _timed(tasks: list[Json], name: str, jobs: Sequence[ChunkJob] | Sequence[TrackJob]) -> list[Task]:
    return [Task(jobs[t["map_index"]], _unix(t["start_date"]), _unix(t["end_date"])) for t in _mapped(tasks, name)]


def _unix(stamp: str) -> float:
    return datetime.fromisoformat(stamp).timestamp()
