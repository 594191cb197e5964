"""Searches the ladder of a title in steps that can each be run again: probes, conclusion, what came of it."""

from marquee.content.media import grain
from marquee.content.media.hull import by_chunk, probes, stretches
from marquee.content.media.hull.by_chunk import Sample
from marquee.content.media.hull.search import conclude, search_key
from marquee.content.media.hull.synthesis import Grain
from marquee.content.media.ladder import profile
from marquee.content.pipeline import encoding, plans
from marquee.content.pipeline.progress import every
from marquee.content.pipeline.stores import mezzanine, work
from marquee.contracts.ladder import LadderOutcome, LadderSearch, Outcome, Probe, Probed
from marquee.contracts.plan import Chunk, EncodePlan
from marquee.logs import log
from marquee.tools.scratch import scratch

PROGRESS_S = 5.0


def is_searched(ladder: str) -> bool:
    """Whether the rungs of a profile are found for each title. Raises InvalidInput for an unknown profile."""
    return bool(profile(ladder).searches)


def begin(draft: EncodePlan) -> tuple[Probe, ...]:
    """Choose the stretches to encode, and say which probes are not made yet. `draft` is a plan without rungs."""
    chosen = profile(draft.profile)
    key = search_key(draft, chosen)
    if not work().exists(_draft(key)):
        source = mezzanine().fetch(draft.mezzanine_key)
        if chosen.equal_slope:
            _keep(_draft(key, by_chunk=True), draft, stretches.of_chunks(source, draft))
        _keep(_draft(key), draft, stretches.choose(source, draft.picture, draft.grid))
    if any(search.grain_from for search in chosen.searches.values()) and not work().exists(_grain(key)):
        _measure_grain(key)
    wanted = probes.probes(draft, chosen, key)
    return tuple(probe for probe in wanted if not work().exists(_probed(probe)))


def _measure_grain(key: str) -> None:
    draft = _kept(_draft(key))
    with scratch() as folder:
        work().write(_grain(key), str(grain.measure(draft, draft.chunks, mezzanine(), folder)).encode())


def _keep(key: str, draft: EncodePlan, sample: tuple[Chunk, ...]) -> None:
    work().write(key, draft.model_copy(update={"chunks": sample}).model_dump_json().encode())


def probe(job: Probe) -> Probed:
    """Make one probe, or find it made. One that is interrupted leaves nothing and is made whole when run again.

    Raises NotFound for a search that was not begun.
    """
    if work().exists(_probed(job)):
        return Probed.model_validate_json(work().read(_probed(job)))
    draft = _kept(_draft(job.search, by_chunk=job.by_chunk))
    search = profile(draft.profile).searches[job.codec]
    with scratch() as folder:
        progress = every(PROGRESS_S, job.name)
        made = probes.measure(draft, draft.chunks, search, job, mezzanine(), folder, progress)
    work().write(_probed(job), made.model_dump_json().encode())
    log.info("probe", name=job.name, points=len(made.points), seconds=round(made.seconds, 1))
    return made


def found(draft: EncodePlan) -> LadderOutcome:
    """The ladder of a title whose probes are all made, nothing being encoded yet.

    Raises NotFound where a probe is missing.
    """
    chosen, sample = profile(draft.profile), _sample(draft)
    grained = Grain(_noise(search_key(draft, chosen)), draft.picture.width)
    search = conclude(draft.profile, chosen, draft.grid.frame_rate, sample.stretches, sample.probed, grained)
    names, left_out = [rung.name for rung in search.rungs], {str(c): share for c, share in search.left_out.items()}
    log.info("ladder", rungs=names, left_out=left_out, seconds=search.seconds, grain=search.grain)
    return LadderOutcome(search=search, outcomes=(), encode_s=0)


def spread(draft: EncodePlan, search: LadderSearch, plan: EncodePlan) -> EncodePlan:
    """The plan that came of a draft's search, with a quality for each chunk where its profile wants that.

    Raises NotFound where a probe is missing.
    """
    return by_chunk.spread(plan, search, _sample(draft)) if profile(plan.profile).equal_slope else plan


def _sample(draft: EncodePlan) -> Sample:
    chosen = profile(draft.profile)
    key = search_key(draft, chosen)
    of_chunks = _kept(_draft(key, by_chunk=True)).chunks if chosen.equal_slope else ()
    made = {p: Probed.model_validate_json(work().read(_probed(p))) for p in probes.probes(draft, chosen, key)}
    return Sample(_kept(_draft(key)).chunks, of_chunks, made)


def _kept(key: str) -> EncodePlan:
    return EncodePlan.model_validate_json(work().read(key))


def settle(plan_hash: str) -> LadderOutcome | None:
    """Note what came of a searched ladder, once all rungs are verified: None where the ladder was fixed.

    Raises NotFound when a rung has not been verified.
    """
    if (before := plans.ladder(plan_hash)) is None:
        return None
    plan = plans.load(plan_hash)
    after = before.model_copy(
        update={
            "outcomes": tuple(_outcomes(plan)),
            "encode_s": round(encoding.encode_seconds(plan_hash), 2) or before.encode_s,
        }
    )
    plans.keep_ladder(plan_hash, after)
    log.info("ladder settled", plan=plan_hash, search_s=after.search.seconds, encode_s=after.encode_s, cost=after.cost)
    return after


def _outcomes(plan: EncodePlan) -> list[Outcome]:
    return [
        Outcome(name=each.name, kbps=each.bitrate_avg / 1000, vmaf=each.measure.vmaf_mean, vmaf_p5=each.measure.vmaf_p5)
        for each in encoding.of_renditions(plan)
    ]


def _noise(key: str) -> float:
    return float(work().read(_grain(key))) if work().exists(_grain(key)) else 0.0


def _grain(key: str) -> str:
    return f"{key}/grain"


def _draft(key: str, *, by_chunk: bool = False) -> str:
    return f"{key}/draft{'-by-chunk' if by_chunk else ''}.json"


def _probed(probe: Probe) -> str:
    kind = "-check" if probe.check else "-by-chunk" if probe.by_chunk else ""
    return f"{probe.search}/{probe.codec}-{probe.width}x{probe.height}{kind}.json"
