"""Finds where in the programme a capture begins, by how the light of parts of the picture changes."""

import numpy as np
from scipy.signal import fftconvolve

from marquee.content.media.watermark.frames import Frames
from marquee.content.media.watermark.pattern import Plane

SIZE = 16, 9  # parts of the picture
MOST_STEP = 24.0  # levels: a cut says no more than so much
LEAST_OVERLAP = 0.5  # of the capture, that lies within the programme


def begins_at(capture: Frames, programme: Frames) -> int:
    """The number of the programme's frame with which the capture begins; below 0 where that comes before the start.

    Both are small frames (count, 9, 16) at the programme's rate. The normalised cross-correlation over all places is
    taken by FFT. There is always a best place: whether it is the right one shows when the pictures are compared.
    """
    ours, theirs = _changes(programme), _changes(capture)
    found = fftconvolve(ours, theirs[::-1], axes=0).sum(axis=1)
    energy = fftconvolve((ours**2).sum(axis=1), np.ones(len(theirs)))
    within = np.convolve(np.ones(len(ours)), np.ones(len(theirs)))
    usual = max(float(energy.mean()), 1e-9)
    scores = np.where(within >= LEAST_OVERLAP * len(theirs), found / np.sqrt(np.maximum(energy, usual / 10)), 0)
    return int(scores.argmax()) - (len(theirs) - 1)


def _changes(frames: Frames) -> Plane:
    steps = np.diff(frames.astype(np.float64).reshape(len(frames), -1), axis=0)
    clipped: Plane = np.clip(steps, -MOST_STEP, MOST_STEP)
    return clipped


def reduced(frames: Frames) -> Frames:
    """Frames in that size, from ones of a multiple of it."""
    width, height = SIZE
    parts = frames.reshape(len(frames), height, frames.shape[1] // height, width, frames.shape[2] // width)
    means: Frames = np.rint(parts.mean(axis=(2, 4))).astype(np.uint8)
    return means
