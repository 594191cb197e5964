"""Simulated countries, devices, providers and edges, and how badly their networks behave."""

from dataclasses import dataclass

import numpy as np

from marquee.viewing.simulation.keyed_random import Floats, Ints, KeyedRandom
from marquee.viewing.simulation.spec import HOUR_MS

DEVICES = ("tv", "desktop", "phone", "tablet")
DEVICE_SHARES = (0.4, 0.25, 0.25, 0.1)
EDGES = ("edge-a", "edge-b")
RUNGS = (("h264-1080p", 5_200_000), ("h264-720p", 3_000_000), ("h264-480p", 1_400_000), ("h264-360p", 800_000))
PROVIDERS = ("fibrelink", "citycable", "skywave", "ruralnet", "mobilo")
PROVIDER_BADNESS = (0.03, 0.08, 0.12, 0.3, 0.22)


@dataclass(frozen=True)
class Country:
    """Where viewers live: hours from UTC, the languages spoken, and the money paid."""

    code: str
    share: float
    utc_hours: int
    languages: tuple[str, ...]
    currency: str


COUNTRIES = (
    Country("US", 0.3, -6, ("en", "es"), "USD"),
    Country("GB", 0.15, 0, ("en",), "GBP"),
    Country("DE", 0.15, 1, ("de", "en"), "EUR"),
    Country("FR", 0.12, 1, ("fr", "en"), "EUR"),
    Country("ES", 0.1, 1, ("es", "en"), "EUR"),
    Country("IN", 0.1, 5, ("hi", "en"), "INR"),
    Country("JP", 0.08, 9, ("ja",), "JPY"),
)
LANGUAGES = tuple(sorted({language for country in COUNTRIES for language in country.languages}))


def badness(rng: KeyedRandom, viewer: Ints, start: Ints, isp: Ints, edge: Ints, local_ms: Ints) -> Floats:
    """How bad the network is at a playback, from 0 to 1: the provider, its evening, one poor crossing, and luck."""
    evening = np.isin(local_ms // HOUR_MS % 24, (19, 20, 21, 22))
    poor = (isp == PROVIDERS.index("citycable")) & (edge == EDGES.index("edge-b"))
    base = np.asarray(PROVIDER_BADNESS)[isp] + 0.05 * evening + 0.25 * poor
    return np.asarray(np.clip(base * np.exp(0.6 * rng.normal("badness", viewer, start)), 0, 1))


def startup(rng: KeyedRandom, viewer: Ints, start: Ints, bad: Floats) -> Ints:
    """Milliseconds from the wish to play to the first frame."""
    median = 600 + 4000 * bad
    return np.maximum(120, median * np.exp(0.5 * rng.normal("startup", viewer, start))).astype(np.int64)
