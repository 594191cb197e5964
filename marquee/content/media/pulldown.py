"""Undoes 3:2 pull-down: of five frames of video, woven from the fields of four frames of film, the four come back."""

from fractions import Fraction
from typing import Any

FILM, VIDEO = 4, 5  # frames in a cycle
# Cycles decoded before the first one wanted: whether a frame doubles the one before is told by looking at that one.
LEAD_CYCLES = 2


def film_rate(video_rate: Fraction) -> Fraction:
    """Frames of film a second: 24000/1001 of 30000/1001."""
    return video_rate * FILM / VIDEO


def film_frames(node: Any, rate: Fraction, order: str, first_frame: int, padding: int) -> Any:
    """Frames of film at `rate`, from `first_frame` or some earlier one on; time stamps begin with the programme.

    Cycles are counted from the programme's start, wherever decoding begins, and each gives four frames, so that frame
    numbers are exact. `order` says which field comes first, "tff" or "bff"; by a wrong one, frames come out twice.
    Fields that find no partner, at edits in the video, are deinterlaced. `padding` is the number of frames of video
    that may be missing at the end.
    """
    cycle = max(0, first_frame // FILM - LEAD_CYCLES)
    video = rate * VIDEO / FILM
    return (
        node.filter("fps", fps=_text(video), start_time=f"{float(cycle * VIDEO / video):.9f}")
        .filter("tpad", stop=padding + VIDEO, stop_mode="clone")
        .filter("fieldmatch", order=order, combmatch="full")
        .filter("bwdif", mode="send_frame", deint="interlaced")
        .filter("decimate", cycle=VIDEO)
        .filter("settb", f"{rate.denominator}/{rate.numerator}")
        .filter("setpts", f"N+{cycle * FILM}")
    )


def _text(rate: Fraction) -> str:
    return f"{rate.numerator}/{rate.denominator}"
