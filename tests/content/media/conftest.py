"""Deliveries and plans for tests of the encode side, made from any clip."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from marquee.content.delivery.probe import probe_media
from marquee.content.media.grid import make_chunks
from marquee.content.media.plan import make_plan
from marquee.contracts.delivery import AcceptedDelivery, StoredFile
from marquee.contracts.plan import DrmScheme, EncodePlan, Rung
from marquee.contracts.title import TitleMetadata
from marquee.storage import Store, file_sha256

Accept = Callable[..., AcceptedDelivery]
Plan = Callable[..., EncodePlan]


@pytest.fixture(scope="session")
def mezzanine(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store(f"file://{tmp_path_factory.mktemp('mezzanine')}")


@pytest.fixture
def work(tmp_path: Path) -> Store:
    return Store(f"file://{tmp_path / 'work'}")


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    (tmp_path / "scratch").mkdir()
    return tmp_path / "scratch"


@pytest.fixture(scope="session")
def accept(mezzanine: Store) -> Accept:
    """A delivery of a clip and further files, as intake would accept it; sidecar fields as keywords."""

    def stored(path: Path) -> StoredFile:
        sha256 = file_sha256(path)
        key = f"{sha256}/{path.name}"
        mezzanine.put(key, path)
        return StoredFile(name=path.name, key=key, sha256=sha256, size=path.stat().st_size)

    def make(clip: Path, *extras: Path, **sidecar: object) -> AcceptedDelivery:
        metadata = {"slug": "film", "media": "film.mp4", "texts": {"en": {"title": "Film"}}, "year": 2020, **sidecar}
        source = stored(clip)
        return AcceptedDelivery(
            fingerprint=source.sha256,
            metadata=TitleMetadata.model_validate(metadata),
            media=probe_media(clip, sha256=source.sha256),
            source=source,
            extras={path.name: stored(path) for path in extras},
        )

    return make


@pytest.fixture(scope="session")
def plan_of(accept: Accept) -> Plan:
    """The plan of a clip; `measured` is QC's table, `rungs` stand for searched ones, the rest goes into the sidecar."""

    def make(
        clip: Path,
        *extras: Path,
        profile: str = "preview",
        measured: dict[str, float] | None = None,
        rungs: Sequence[Rung] | None = None,
        **sidecar: object,
    ) -> EncodePlan:
        accepted = accept(clip, *extras, **sidecar)
        return make_plan(accepted, measured or {}, profile=profile, scheme=DrmScheme.CBCS, slots=2, rungs=rungs)

    return make


@pytest.fixture(scope="session")
def small() -> Callable[..., EncodePlan]:
    """A plan on a finer grid (a second a chunk, half a second a segment), with rungs of one's own."""

    def shrink(plan: EncodePlan, *rungs: Rung, every: int = 5) -> EncodePlan:
        gop = round(plan.grid.frame_rate / 2)
        grid = plan.grid.model_copy(update={"gop_frames": gop, "gops_per_segment": 1, "segments_per_chunk": 2})
        changes = {"grid": grid, "chunks": make_chunks(grid, plan.picture.frames), "vmaf_every": every}
        return plan.model_copy(update={**changes, "rungs": rungs or plan.rungs})

    return shrink
