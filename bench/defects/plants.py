"""The kinds of defects: how each is planted, and by which checks, where and when it has to be found."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

from bench.defects.films import SIZE, Film

W, H = SIZE
AS_STAMPED = ("-fps_mode", "passthrough")


@dataclass(frozen=True)
class Plant:
    """How a defect gets into a film, as parts of ffmpeg's graph and arguments.

    `picture` and `sound` are filters; `before` is a source that is put before the film, of `before_s` seconds, with a
    sound of `before_sound`; `after` one behind it. `start_s` and `end_s` are where it has to be found, none for a
    defect of the whole. `packet_s` is where bytes of the file are broken.
    """

    checks: tuple[str, ...]
    start_s: float | None = None
    end_s: float | None = None
    picture: str = "null"
    sound: str = "anull"
    before: str = ""
    before_s: float = 0.0
    before_sound: str = ""
    after: str = ""
    after_s: float = 0.0
    arguments: tuple[str, ...] = ()
    packet_s: float | None = None


Kind = Callable[[Random, Film], Plant]


def _span(rng: Random, film: Film, least: float, most: float) -> tuple[float, float]:
    """A random stretch on the film's frames, a second and more from its ends."""
    length = rng.uniform(least, most)
    start = rng.uniform(1.2, film.seconds - length - 1.2)
    return tuple(round(t * film.frames_per_s) / film.frames_per_s for t in (start, start + length))  # type: ignore[return-value]


def _when(a: float, b: float, film: Film) -> str:
    half = 0.5 / film.frames_per_s
    return f"between(t,{a - half:.4f},{b - half:.4f})"


def _frame(rng: Random, film: Film) -> tuple[int, float]:
    number = rng.randrange(round(2 * film.frames_per_s), round((film.seconds - 2) * film.frames_per_s))
    return number, number / film.frames_per_s


def black(rng: Random, film: Film) -> Plant:
    a, b = _span(rng, film, 2.4, 4)
    return Plant(("black",), a, b, picture=f"drawbox=t=fill:c=black:enable='{_when(a, b, film)}'")


def freeze(rng: Random, film: Film) -> Plant:
    a, b = _span(rng, film, 4.6, 6)
    start, count = round(a * film.frames_per_s), round((b - a) * film.frames_per_s)
    return Plant(("freeze",), a, b, picture=f"loop=loop={count}:size=1:start={start},trim=duration={film.seconds}")


def flashes(rng: Random, film: Film) -> Plant:
    a, b = _span(rng, film, 1.5, 3)
    period = max(2, round(film.frames_per_s / rng.uniform(4.5, 9)))
    box = f"x={rng.randrange(W // 4)}:y=0:w={round(W * 0.7)}:h={H}"
    lit = f"{_when(a, b, film)}*lt(mod(n,{period}),{period / 2})"
    dark = f"{_when(a, b, film)}*gte(mod(n,{period}),{period / 2})"
    boxes = (f"drawbox={box}:t=fill:c={c}:enable='{when}'" for c, when in (("white", lit), ("black", dark)))
    return Plant(("flashes",), a, b, picture=",".join(boxes))


def red_flashes(rng: Random, film: Film) -> Plant:
    plant = flashes(rng, film)
    return Plant(plant.checks, plant.start_s, plant.end_s, picture=plant.picture.replace("c=white", "c=red"))


def bars_for_a_part(rng: Random, film: Film) -> Plant:
    a, b = _span(rng, film, 5.8, 7)
    when, high = _when(a, b, film), round(H * rng.uniform(0.1, 0.14)) // 2 * 2
    boxes = (f"drawbox=y={y}:h={high}:w={W}:t=fill:c=black:enable='{when}'" for y in (0, H - high))
    return Plant(("bars_part",), a, b, picture=",".join(boxes))


def letterbox(rng: Random, film: Film) -> Plant:  # noqa: ARG001
    high = round(H * rng.uniform(0.08, 0.14)) // 2 * 2
    return Plant(("letterbox",), picture=f"crop={W}:{H - 2 * high},pad={W}:{H}:0:{high}")


def colour_bars(rng: Random, film: Film) -> Plant:
    length, bars = rng.choice((2, 3, 4)), rng.choice(("smptebars", "smptehdbars", "pal75bars", "pal100bars"))
    source = f"{bars}=size={W}x{H}:rate={film.rate}:duration={length},format=yuv420p,setsar=1"
    return Plant(("colour_bars",), 0.0, float(length), before=source, before_s=length)


def slate_at_the_head(rng: Random, film: Film) -> Plant:
    length = rng.choice((3.4, 4, 5))
    return Plant(("slate",), 0.0, length, before=_slate(rng, film, length), before_s=length)


def slate_at_the_tail(rng: Random, film: Film) -> Plant:
    length, at = rng.choice((3.4, 4, 5)), film.seconds
    return Plant(("slate",), at, at + length, after=_slate(rng, film, length), after_s=length)


def _slate(rng: Random, film: Film, length: float) -> str:
    boxes = [f"drawbox=x={rng.randrange(W)}:y={rng.randrange(H)}:w=60:h=20:t=fill:c=white" for _ in range(6)]
    return ",".join([f"color=gray:size={W}x{H}:rate={film.rate}:duration={length},format=yuv420p,setsar=1", *boxes])


def interlaced(rng: Random, film: Film) -> Plant:
    a, b = _span(rng, film, 1.8, 4)
    woven = f"tblend=all_expr='if(mod(Y,2),A,B)':enable='{_when(a, b, film)}'"
    return Plant(("interlaced", "interlaced_part"), a, b, picture=woven)


def telecine(rng: Random, film: Film) -> Plant:  # noqa: ARG001
    field = rng.choice(("top", "bottom"))
    order = {"top": "tff=1", "bottom": "bff=1"}[field]
    film_rate = f"settb=AVTB,setpts=N/(24000/1001)/TB,fps=24000/1001,telecine=first_field={field}:pattern=23"
    return Plant(("telecine",), picture=film_rate, arguments=("-x264-params", order))


def repeated_frame(rng: Random, film: Film) -> Plant:
    number, at = _frame(rng, film)
    again = f"loop=loop={rng.choice((1, 2))}:size=1:start={number},trim=duration={film.seconds}"
    return Plant(("repeated_frames",), at, picture=again)


def missing_frame(rng: Random, film: Film) -> Plant:
    number, at = _frame(rng, film)
    return Plant(("dropped_frames",), at, picture=f"select='not(eq(n,{number}))'", arguments=AS_STAMPED)


def cut_frame(rng: Random, film: Film) -> Plant:
    number, at = _frame(rng, film)
    return Plant(("dropped_frames",), at, picture=f"select='not(eq(n,{number}))',setpts=N/({film.rate})/TB")


def gap(rng: Random, film: Film) -> Plant:
    number, at = _frame(rng, film)
    last = number + round(rng.uniform(1.2, 1.6) * film.frames_per_s)
    kept = f"select='not(between(n,{number + 1},{last}))'"
    return Plant(("gap",), at, picture=kept, arguments=AS_STAMPED)


def variable_rate(rng: Random, film: Film) -> Plant:  # noqa: ARG001
    kept = f"select='not(eq(mod(n,{rng.choice((5, 7, 9))}),3))'"
    return Plant(("variable_frame_rate",), picture=kept, arguments=AS_STAMPED)


def illegal_levels(rng: Random, film: Film) -> Plant:
    a, b = _span(rng, film, 1.5, 4)
    stretched = f"lutyuv=y='clip((val-126)*2.2+126,1,254)':enable='{_when(a, b, film)}'"
    return Plant(("illegal_part", "illegal_levels", "range"), a, b, picture=stretched)


def full_range(rng: Random, film: Film) -> Plant:  # noqa: ARG001
    black_and_white = f"drawbox=w=24:h={H}:t=fill:c=black,drawbox=x=24:w=24:h={H}:t=fill:c=white"
    scaled = f"{black_and_white},scale=in_range=tv:out_range=pc,setparams=range=tv"
    return Plant(("range",), picture=scaled, arguments=("-color_range", "tv"))


def wrong_tags(rng: Random, film: Film) -> Plant:  # noqa: ARG001
    trc, primaries = rng.choice((("smpte2084", "bt2020"), ("arib-std-b67", "bt709")))
    tags = f"setparams=color_trc={trc}:color_primaries={primaries}:colorspace=bt2020nc"
    return Plant(("colour_tags",), picture=tags)


def damage(rng: Random, film: Film) -> Plant:
    _, at = _frame(rng, film)
    return Plant(("decode_errors", "decode_damage"), at, packet_s=at)


def silence(rng: Random, film: Film) -> Plant:
    a, b = _span(rng, film, 3.4, 5)
    return Plant(("silence",), a, b, sound=f"volume=0:enable='between(t,{a},{b})'")


def dead_channel(rng: Random, film: Film) -> Plant:
    a, b = _span(rng, film, 2.6, 5)
    alive = f"not(between(t,{a},{b}))"
    left, right = rng.sample((f"*{alive}", ""), 2)
    return Plant(("dead_part",), a, b, sound=f"aeval='val(0){left}|val(1){right}':c=stereo")


def inverted_channel(rng: Random, film: Film) -> Plant:
    a, b = _span(rng, film, 3, 5)
    turned = f"aeval='val(0)|val(1)*if(between(t,{a},{b}),-1,1)':c=stereo"
    return Plant(("inverted_part", "phase_inverted"), a, b, sound=turned)


def dual_mono(rng: Random, film: Film) -> Plant:  # noqa: ARG001
    return Plant(("dual_mono",), sound="pan=stereo|c0=c0|c1=c0")


def clipping(rng: Random, film: Film) -> Plant:
    a, b = _span(rng, film, 0.6, 2)
    gain = 10 ** (rng.uniform(16, 26) / 20)
    cut = "|".join(f"clip(val({n})*if(between(t,{a},{b}),{gain:.2f},1),-1,1)" for n in (0, 1))
    return Plant(("clipping",), a, b, sound=f"aeval='{cut}':c=stereo")


def line_up_tone(rng: Random, film: Film) -> Plant:
    length = rng.choice((2, 3, 5))
    tone = f"sine=frequency=1000:sample_rate=48000:duration={length},volume=-2dB,pan=stereo|c0=c0|c1=c0"
    picture = f"testsrc2=size={W}x{H}:rate={film.rate}:duration={length},format=yuv420p,setsar=1"
    return Plant(("tone",), 0.0, float(length), before=picture, before_s=length, before_sound=tone)


def loudness(rng: Random, film: Film) -> Plant:  # noqa: ARG001
    return Plant(("loudness",), sound=f"volume={rng.choice((-9, -6, 5))}dB")


def true_peak(rng: Random, film: Film) -> Plant:
    a, _ = _span(rng, film, 1, 2)
    spike = "|".join(f"if(between(t,{a},{a + 0.0005}),0.999,val({n}))" for n in (0, 1))
    return Plant(("true_peak",), a, sound=f"aeval='{spike}':c=stereo")


def short_sound(rng: Random, film: Film) -> Plant:
    return Plant(("audio_short",), sound=f"atrim=duration={film.seconds - rng.uniform(0.5, 2):.2f}")


def swapped_channels(rng: Random, film: Film) -> Plant:  # noqa: ARG001
    order = rng.choice(((0, 2, 1, 4, 5, 3), (0, 1, 3, 2, 4, 5), (0, 1, 4, 5, 2, 3)))  # film's order and others
    rumble = "sin(2*PI*47*t)*0.2"
    channels = ("val(0)", "val(1)", "0.7*val(0)+0.3*val(1)", rumble, "0.4*val(1)", "0.4*val(0)")
    return Plant(("swapped_channels",), sound=f"aeval='{'|'.join(channels[n] for n in order)}':c=5.1")


STILL_ENOUGH = (
    black,
    flashes,
    red_flashes,
    colour_bars,
    slate_at_the_head,
    slate_at_the_tail,
    letterbox,
    bars_for_a_part,
)
MOVING = (freeze, interlaced, telecine, repeated_frame, missing_frame, gap, variable_rate, illegal_levels)
ANY = (full_range, wrong_tags, damage)
SOUND = (
    silence,
    dead_channel,
    inverted_channel,
    dual_mono,
    clipping,
    line_up_tone,
    loudness,
    true_peak,
    short_sound,
    swapped_channels,
)
KINDS: dict[str, Kind] = {
    kind.__name__.replace("_", " "): kind for kind in (*STILL_ENOUGH, *MOVING, cut_frame, *ANY, *SOUND)
}


def suits(kind: Kind, film: Film) -> bool:
    """Whether a defect of motion can be seen in a film; one frame cut out shows in steady motion alone."""
    if kind is cut_frame:
        return film.name == "a pan"
    if kind is interlaced or kind is telecine:
        return film.name in ("bikes", "cockatoo", "a pan")
    return film.moves or kind not in MOVING


def chosen(kind: Kind, films: Sequence[Film], rng: Random) -> Film:
    return rng.choice([film for film in films if suits(kind, film)])
