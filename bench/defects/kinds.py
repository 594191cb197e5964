"""The kinds of defects, and the films that each can be seen in."""

from collections.abc import Callable, Sequence
from random import Random

from bench.defects import pictures, sounds
from bench.defects.films import Film
from bench.defects.plants import Plant

Kind = Callable[[Random, Film], Plant]

STILL_ENOUGH = (
    pictures.black,
    pictures.flashes,
    pictures.red_flashes,
    pictures.colour_bars,
    pictures.slate_at_the_head,
    pictures.slate_at_the_tail,
    pictures.letterbox,
    pictures.bars_for_a_part,
)
MOVING = (
    pictures.freeze,
    pictures.interlaced,
    pictures.telecine,
    pictures.repeated_frame,
    pictures.missing_frame,
    pictures.gap,
    pictures.variable_rate,
    pictures.illegal_levels,
)
ANY = (pictures.full_range, pictures.wrong_tags, pictures.damage)
SOUND = (
    sounds.silence,
    sounds.dead_channel,
    sounds.inverted_channel,
    sounds.dual_mono,
    sounds.clipping,
    sounds.line_up_tone,
    sounds.loudness,
    sounds.true_peak,
    sounds.short_sound,
    sounds.swapped_channels,
)
KINDS: dict[str, Kind] = {
    kind.__name__.replace("_", " "): kind for kind in (*STILL_ENOUGH, *MOVING, pictures.cut_frame, *ANY, *SOUND)
}


def suits(kind: Kind, film: Film) -> bool:
    """Whether a defect of motion can be seen in a film; one frame cut out shows in steady motion alone."""
    if kind is pictures.cut_frame:
        return film.name == "a pan"
    if kind is pictures.interlaced or kind is pictures.telecine:
        return film.name in ("bikes", "cockatoo", "a pan")
    return film.moves or kind not in MOVING


def chosen(kind: Kind, films: Sequence[Film], rng: Random) -> Film:
    return rng.choice([film for film in films if suits(kind, film)])
