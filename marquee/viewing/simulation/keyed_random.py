"""Random numbers that depend on their key alone: the same key gives the same number in any order.

Each draw is a hash of the seed, the purpose and the place (viewer, day, step …), so viewers can be simulated in any
batches, on any number of cores, with the same outcome. The mixing function is the finaliser of SplitMix64 (Steele,
Lea and Flood, "Fast splittable pseudorandom number generators", 2014).
"""

import hashlib
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Ints: TypeAlias = npt.NDArray[np.int64]
Floats: TypeAlias = npt.NDArray[np.float64]
Bits: TypeAlias = npt.NDArray[np.uint64]
Flags: TypeAlias = npt.NDArray[np.bool_]
Place: TypeAlias = Ints | int

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)


def _mix(x: Bits) -> Bits:
    x = (x ^ (x >> np.uint64(30))) * _FIRST
    x = (x ^ (x >> np.uint64(27))) * _SECOND
    return x ^ (x >> np.uint64(31))


class KeyedRandom:
    """Draws by purpose and place. Places are whole numbers or arrays of them, broadcast against each other."""

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def bits(self, purpose: str, *place: Place) -> Bits:
        """64 even bits for each place."""
        key = hashlib.blake2b(f"{self._seed}:{purpose}".encode(), digest_size=8).digest()
        state = np.array(int.from_bytes(key, "little"), np.uint64)
        with np.errstate(over="ignore"):
            for part in place:
                state = _mix(state + (np.asarray(part).astype(np.uint64) + np.uint64(1)) * _GOLDEN)
        return state

    def uniform(self, purpose: str, *place: Place) -> Floats:
        """Even in [0, 1)."""
        return np.asarray((self.bits(purpose, *place) >> np.uint64(11)) * 2.0**-53)

    def below(self, limit: Ints | int, purpose: str, *place: Place) -> Ints:
        """Whole numbers, even in [0, limit); 0 where the limit is 0."""
        return np.floor(self.uniform(purpose, *place) * limit).astype(np.int64)

    def normal(self, purpose: str, *place: Place) -> Floats:
        """Standard normal (Box and Muller)."""
        u, v = self.uniform(f"{purpose}/u", *place), self.uniform(f"{purpose}/v", *place)
        return np.asarray(np.sqrt(-2 * np.log1p(-u)) * np.cos(2 * np.pi * v))

    def exponential(self, purpose: str, *place: Place) -> Floats:
        """With mean 1."""
        return np.asarray(-np.log1p(-self.uniform(purpose, *place)))

    def pick(self, shares: tuple[float, ...], purpose: str, *place: Place) -> Ints:
        """The index of one of the shares, which need not add up to 1, as often as it says."""
        edges = np.cumsum(shares) / sum(shares)
        return np.searchsorted(edges[:-1], self.uniform(purpose, *place), side="right").astype(np.int64)
