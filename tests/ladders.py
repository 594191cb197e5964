"""A searched ladder of one rung, as tests keep and log it."""

from marquee.contracts.ladder import LadderOutcome, LadderSearch, Outcome, Point
from marquee.contracts.plan import Chunk, Codec, Rung

RUNG = Rung(codec=Codec.H264, width=640, height=360, crf=24, maxrate_kbps=900, preset="slow", options="psy=0")
POINT = Point(codec=Codec.H264, width=640, height=360, crf=24, kbps=450, vmaf=80, vmaf_harmonic=79, vmaf_p5=70)
FOUND = LadderOutcome(
    search=LadderSearch(
        profile="tailored",
        stretches=(Chunk(index=0, first_frame=0, frames=50),),
        points=(POINT,),
        checks=(),
        hull=(POINT,),
        rungs=(RUNG,),
        expected=(POINT,),
        seconds=12,
    ),
    outcomes=(Outcome(name="h264-360p", kbps=470, vmaf=81, vmaf_p5=72),),
    encode_s=120,
)
