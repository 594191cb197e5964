"""What a search would expect of every chunk: the curve of the one group of pictures that it encodes of each."""

from pathlib import Path
from tempfile import TemporaryDirectory

from bench.quality.clips import Clip
from marquee.content.media.hull import curves, probes, stretches
from marquee.content.media.keys import content_key
from marquee.content.media.ladder import Search
from marquee.contracts.ladder import Point, Probe, Probed
from marquee.contracts.plan import Rung
from marquee.storage import Store


def expected(taken: Clip, rung: Rung, search: Search, work: Store) -> list[list[Point]]:
    """The points of every chunk at whole CRFs, as the pipeline would have them before it encodes."""
    size = {"width": rung.width, "height": rung.height}
    probe = Probe(search="", codec=rung.codec, **size, by_chunk=True, name="sample")
    found = _probed(taken, probe, search, work)
    return [list(curves.at_every_crf(points, curves.Correction())) for points in found.by_stretch]


def _probed(taken: Clip, probe: Probe, search: Search, work: Store) -> Probed:
    cuts = [(chunk.first_frame, chunk.frames) for chunk in taken.draft.chunks]
    recipe = probe.model_dump(mode="json"), search.model_dump(mode="json"), cuts
    key = content_key("sampled", taken.draft, *recipe, suffix=".json")
    if not work.exists(key):
        sample = stretches.of_chunks(taken.mezzanine.fetch(taken.draft.mezzanine_key), taken.draft)
        with TemporaryDirectory(prefix="marquee-bench-") as folder:
            found = probes.measure(taken.draft, sample, search, probe, taken.mezzanine, Path(folder))
        work.write(key, found.model_dump_json().encode())
    return Probed.model_validate_json(work.read(key))
