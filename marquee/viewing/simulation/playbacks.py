"""Simulated playbacks as decided, before they become events."""

from dataclasses import dataclass, fields
from enum import IntEnum
from typing import Self

import numpy as np

from marquee.viewing.simulation.keyed_random import Flags, Floats, Ints


class Fate(IntEnum):
    """How a playback goes. From EXIT on no picture is ever shown."""

    FINISHED = 0  # to the last frame
    LEFT = 1
    STALLED = 2  # left while it was rebuffering
    SILENT = 3  # the app died: nothing says so
    BROKEN = 4  # a fatal error midway
    EXIT = 5  # left before the first frame
    FAILED = 6  # a fatal error before the first frame
    REFUSED = 7  # by a business rule


@dataclass(frozen=True)
class Plays:
    """An entry of each array per playback. Times are Unix ms, positions ms of the programme."""

    viewer: Ints  # its number in the world
    title: Ints  # its place on the shelf
    start: Ints  # when the server made the session's id
    session: Ints  # that id
    opened: Ints  # the position at which it begins
    upto: Ints  # the position at which it ends
    fate: Ints
    startup: Ints  # ms until the first frame, or until it was given up
    device: Ints
    isp: Ints
    edge: Ints
    bad: Floats  # how bad the network is, 0 to 1

    def take(self, which: Ints | Flags | slice) -> Self:
        """Some of them, in that order."""
        return type(self)(**{field.name: getattr(self, field.name)[which] for field in fields(self)})

    @classmethod
    def joined(cls, parts: list[Self]) -> Self:
        """All of several batches."""
        return cls(**{field.name: np.concatenate([getattr(p, field.name) for p in parts]) for field in fields(cls)})

    @property
    def begun(self) -> Flags:
        """Whether a first frame was shown."""
        return np.asarray(self.fate < Fate.EXIT)
