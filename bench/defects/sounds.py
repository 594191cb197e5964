"""Defects of the sound."""

from random import Random

from bench.defects.films import Film
from bench.defects.plants import H, Plant, W, span


def silence(rng: Random, film: Film) -> Plant:
    a, b = span(rng, film, 3.4, 5)
    return Plant(("silence",), a, b, sound=f"volume=0:enable='between(t,{a},{b})'")


def dead_channel(rng: Random, film: Film) -> Plant:
    a, b = span(rng, film, 2.6, 5)
    alive = f"not(between(t,{a},{b}))"
    left, right = rng.sample((f"*{alive}", ""), 2)
    return Plant(("dead_part",), a, b, sound=f"aeval='val(0){left}|val(1){right}':c=stereo")


def inverted_channel(rng: Random, film: Film) -> Plant:
    a, b = span(rng, film, 3, 5)
    turned = f"aeval='val(0)|val(1)*if(between(t,{a},{b}),-1,1)':c=stereo"
    return Plant(("inverted_part", "phase_inverted"), a, b, sound=turned)


def dual_mono(rng: Random, film: Film) -> Plant:  # noqa: ARG001
    return Plant(("dual_mono",), sound="pan=stereo|c0=c0|c1=c0")


def clipping(rng: Random, film: Film) -> Plant:
    a, b = span(rng, film, 0.6, 2)
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
    a, _ = span(rng, film, 1, 2)
    spike = "|".join(f"if(between(t,{a},{a + 0.0005}),0.999,val({n}))" for n in (0, 1))
    return Plant(("true_peak",), a, sound=f"aeval='{spike}':c=stereo")


def short_sound(rng: Random, film: Film) -> Plant:
    return Plant(("audio_short",), sound=f"atrim=duration={film.seconds - rng.uniform(0.5, 2):.2f}")


def swapped_channels(rng: Random, film: Film) -> Plant:  # noqa: ARG001
    order = rng.choice(((0, 2, 1, 4, 5, 3), (0, 1, 3, 2, 4, 5), (0, 1, 4, 5, 2, 3)))  # film's order and others
    rumble = "sin(2*PI*47*t)*0.2"
    channels = ("val(0)", "val(1)", "0.7*val(0)+0.3*val(1)", rumble, "0.4*val(1)", "0.4*val(0)")
    return Plant(("swapped_channels",), sound=f"aeval='{'|'.join(channels[n] for n in order)}':c=5.1")
