"""Searches a clip's ladders as the pipeline does; probes that were made before are found."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.quality.clips import PROFILE, Clip
from marquee.content.media.hull import probes, stretches
from marquee.content.media.hull.search import conclude, search_key
from marquee.content.media.ladder import profile
from marquee.contracts.ladder import LadderSearch, Probe, Probed
from marquee.contracts.plan import Chunk, Codec
from marquee.storage import Store

EVERY = -100.0  # so much dearer no codec is


def searched(taken: Clip, codecs: Sequence[Codec], work: Store) -> LadderSearch:
    """The ladders as the pipeline searches them, with codecs that it would leave out; probes made before are found."""
    whole = profile(PROFILE)
    judged = {codec: search.model_copy(update={"saves": EVERY}) for codec, search in whole.searches.items()}
    chosen = whole.model_copy(update={"searches": {codec: judged[codec] for codec in judged if codec in codecs}})
    source = taken.mezzanine.fetch(taken.draft.mezzanine_key)
    sample_of = stretches.choose(source, taken.draft.picture, taken.draft.grid)
    made = {}
    for probe in probes.probes(taken.draft, chosen, ""):
        made[probe] = _probe(taken, sample_of, probe, work)
        print(f"{taken.name} probe {probe.name}: {made[probe].seconds:.1f} s", flush=True)
    return conclude(PROFILE, chosen, taken.draft.grid.frame_rate, sample_of, made)


def _probe(taken: Clip, sample_of: Sequence[Chunk], probe: Probe, work: Store) -> Probed:
    search = profile(PROFILE).searches[probe.codec]
    alone = profile(PROFILE).model_copy(update={"searches": {probe.codec: search}})
    key = f"{search_key(taken.draft, alone)}/{probe.name.replace(' ', '-')}.json"
    if not work.exists(key):
        with TemporaryDirectory(prefix="marquee-bench-") as folder:
            made = probes.measure(taken.draft, sample_of, search, probe, taken.mezzanine, Path(folder))
        work.write(key, made.model_dump_json().encode())
    return Probed.model_validate_json(work.read(key))
