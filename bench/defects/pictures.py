"""Defects of the picture, and of the file that holds it."""

from random import Random

from bench.defects.films import Film
from bench.defects.plants import AS_STAMPED, H, Plant, W, frame, span, when


def black(rng: Random, film: Film) -> Plant:
    a, b = span(rng, film, 2.4, 4)
    return Plant(("black",), a, b, picture=f"drawbox=t=fill:c=black:enable='{when(a, b, film)}'")


def freeze(rng: Random, film: Film) -> Plant:
    a, b = span(rng, film, 4.6, 6)
    start, count = round(a * film.frames_per_s), round((b - a) * film.frames_per_s)
    return Plant(("freeze",), a, b, picture=f"loop=loop={count}:size=1:start={start},trim=duration={film.seconds}")


def flashes(rng: Random, film: Film) -> Plant:
    a, b = span(rng, film, 1.5, 3)
    period = max(2, round(film.frames_per_s / rng.uniform(4.5, 9)))
    box = f"x={rng.randrange(W // 4)}:y=0:w={round(W * 0.7)}:h={H}"
    lit = f"{when(a, b, film)}*lt(mod(n,{period}),{period / 2})"
    dark = f"{when(a, b, film)}*gte(mod(n,{period}),{period / 2})"
    boxes = (f"drawbox={box}:t=fill:c={c}:enable='{on}'" for c, on in (("white", lit), ("black", dark)))
    return Plant(("flashes",), a, b, picture=",".join(boxes))


def red_flashes(rng: Random, film: Film) -> Plant:
    plant = flashes(rng, film)
    return Plant(plant.checks, plant.start_s, plant.end_s, picture=plant.picture.replace("c=white", "c=red"))


def bars_for_a_part(rng: Random, film: Film) -> Plant:
    a, b = span(rng, film, 5.8, 7)
    shown, high = when(a, b, film), round(H * rng.uniform(0.1, 0.14)) // 2 * 2
    boxes = (f"drawbox=y={y}:h={high}:w={W}:t=fill:c=black:enable='{shown}'" for y in (0, H - high))
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
    a, b = span(rng, film, 1.8, 4)
    woven = f"tblend=all_expr='if(mod(Y,2),A,B)':enable='{when(a, b, film)}'"
    return Plant(("interlaced", "interlaced_part"), a, b, picture=woven)


def telecine(rng: Random, film: Film) -> Plant:  # noqa: ARG001
    field = rng.choice(("top", "bottom"))
    order = {"top": "tff=1", "bottom": "bff=1"}[field]
    film_rate = f"settb=AVTB,setpts=N/(24000/1001)/TB,fps=24000/1001,telecine=first_field={field}:pattern=23"
    return Plant(("telecine",), picture=film_rate, arguments=("-x264-params", order))


def repeated_frame(rng: Random, film: Film) -> Plant:
    number, at = frame(rng, film)
    again = f"loop=loop={rng.choice((1, 2))}:size=1:start={number},trim=duration={film.seconds}"
    return Plant(("repeated_frames",), at, picture=again)


def missing_frame(rng: Random, film: Film) -> Plant:
    number, at = frame(rng, film)
    return Plant(("dropped_frames",), at, picture=f"select='not(eq(n,{number}))'", arguments=AS_STAMPED)


def cut_frame(rng: Random, film: Film) -> Plant:
    number, at = frame(rng, film)
    return Plant(("dropped_frames",), at, picture=f"select='not(eq(n,{number}))',setpts=N/({film.rate})/TB")


def gap(rng: Random, film: Film) -> Plant:
    number, at = frame(rng, film)
    last = number + round(rng.uniform(1.2, 1.6) * film.frames_per_s)
    kept = f"select='not(between(n,{number + 1},{last}))'"
    return Plant(("gap",), at, picture=kept, arguments=AS_STAMPED)


def variable_rate(rng: Random, film: Film) -> Plant:  # noqa: ARG001
    kept = f"select='not(eq(mod(n,{rng.choice((5, 7, 9))}),3))'"
    return Plant(("variable_frame_rate",), picture=kept, arguments=AS_STAMPED)


def illegal_levels(rng: Random, film: Film) -> Plant:
    a, b = span(rng, film, 1.5, 4)
    stretched = f"lutyuv=y='clip((val-126)*2.2+126,1,254)':enable='{when(a, b, film)}'"
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
    _, at = frame(rng, film)
    return Plant(("decode_errors", "decode_damage"), at, packet_s=at)
