"""A ladder that was searched for one title: what was measured, what was chosen, and what the search took."""

from pydantic import Field

from marquee.contracts.base import Contract
from marquee.contracts.plan import Chunk, Codec, Rung


class Point(Contract):
    """One way to encode a picture and what it gives: rate in kb/s, VMAF (0 to 100) against the source.

    The harmonic mean and the 5th percentile weigh bad frames, which the mean hides.
    """

    codec: Codec
    width: int
    height: int
    crf: int
    kbps: float = Field(gt=0)
    vmaf: float
    vmaf_harmonic: float
    vmaf_p5: float


class Probe(Contract):
    """One mapped task of a search: a codec at a size. Small, because it travels through the orchestrator.

    `check` asks for one encode at the preset of the rungs, by which the probes' faster preset is corrected. `by_chunk`
    looks at a stretch of every chunk, at the smallest size alone.
    """

    search: str  # the key of the search
    codec: Codec
    width: int
    height: int
    check: bool = False
    by_chunk: bool = False
    name: str  # for people: "h264 1280x720"


class Probed(Contract):
    """The outcome of a probe: points over all stretches, and of each stretch alone. `seconds` of one core."""

    points: tuple[Point, ...]
    by_stretch: tuple[tuple[Point, ...], ...] = ()  # in the order of the stretches; as many points in each
    seconds: float


class LadderSearch(Contract):
    """The ladder of a title. `expected` has a point for each rung, `hull` the best that was found at any rate."""

    profile: str
    stretches: tuple[Chunk, ...]  # of the programme, that were encoded
    points: tuple[Point, ...]  # as measured, at the probes' preset
    checks: tuple[Point, ...]  # as measured, at the preset of the rungs
    hull: tuple[Point, ...]
    rungs: tuple[Rung, ...]
    expected: tuple[Point, ...]
    seconds: float  # of one core, for all probes
    left_out: dict[Codec, float] = Field(default={})  # codecs without rungs: the share of H.264's bits that each saves
    grain: float = 0.0  # standard deviation in luma, in steps of 8 bits; 0 where it was not measured or not found

    def of(self, codec: Codec) -> tuple[tuple[Rung, Point], ...]:
        """The rungs of a codec, each with what is expected of it."""
        return tuple((r, p) for r, p in zip(self.rungs, self.expected, strict=True) if r.codec is codec)


class Outcome(Contract):
    """A rung as it came out over the whole programme, beside what the search had expected of it."""

    name: str
    kbps: float
    vmaf: float
    vmaf_p5: float


class LadderOutcome(Contract):
    """A search and what came of it. `encode_s` are the seconds of one core that encoding the rungs took."""

    search: LadderSearch
    outcomes: tuple[Outcome, ...]
    encode_s: float

    @property
    def cost(self) -> float | None:
        """Seconds of the search per second of encoding; None where nothing was encoded."""
        return self.search.seconds / self.encode_s if self.encode_s else None
