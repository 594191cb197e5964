"""Which frames VMAF compares: many where seams are judged, around key frames that `seams` names, and few between.

Frame numbers count from the start of a chunk or of the programme: which key frames are judged is the same. With each
compared frame go the ones before and after it: VMAF's motion is the lesser difference of a frame of the reference from
its two neighbours, and nothing else looks beyond the frame itself. So scores are those of all frames compared.
"""

from marquee.content.media.seams import judged_frames, window_frames
from marquee.contracts.plan import EncodePlan


def recipe(plan: EncodePlan) -> list[int]:
    """What decides which frames are compared, to name scores after."""
    groups = judged_frames(plan) // plan.grid.gop_frames  # from one key frame that is judged to the next
    return [plan.vmaf_every, *filter(None, [plan.vmaf_between]), *([groups] if groups > 1 else [])]


def compared(plan: EncodePlan, frames: int) -> list[int]:
    """The frames of a stretch that are scored, the first of all to begin with."""
    return [n for n in range(frames) if _is_compared(plan, n)]


def weight(plan: EncodePlan, frame: int) -> int:
    """How much a scored frame counts beside those around key frames, which are closer together."""
    return 1 if _is_near_key(plan, frame) else _between(plan) // plan.vmaf_every


def shown_with(plan: EncodePlan, frames: int) -> int:
    """How many frames of a stretch are compared or next to one that is."""
    return sum(any(_is_compared(plan, m) for m in range(max(0, n - 1), n + 2)) for n in range(frames))


def neighbours(plan: EncodePlan) -> int:
    """One in so many of these is scored, beginning with the first."""
    return min(plan.vmaf_every, 3)


def choosing(plan: EncodePlan) -> str:
    """ffmpeg's expression that is true of frames that are compared."""
    return f"gt({_expression(plan, 'n')},0)"


def choosing_with_neighbours(plan: EncodePlan) -> str:
    """ffmpeg's expression that is true of frames that are compared or next to one that is."""
    return f"gt({'+'.join(_expression(plan, n) for n in ('(n-1)', 'n', '(n+1)'))},0)"


def _is_compared(plan: EncodePlan, n: int) -> bool:
    return n % plan.vmaf_every == 0 and (_is_near_key(plan, n) or n % _between(plan) == 0)


def _is_near_key(plan: EncodePlan, n: int) -> bool:
    window = window_frames(plan)
    return (n + window) % judged_frames(plan) < 2 * window


def _expression(plan: EncodePlan, n: str) -> str:
    window = window_frames(plan)
    near = f"lt(mod({n}+{window},{judged_frames(plan)}),{2 * window})"
    return f"gte({n},0)*not(mod({n},{plan.vmaf_every}))*({near}+not(mod({n},{_between(plan)})))"


def _between(plan: EncodePlan) -> int:
    return plan.vmaf_between or plan.vmaf_every
