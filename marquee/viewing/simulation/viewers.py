"""Simulated viewers: who they are, what they like and when they have time."""

from dataclasses import dataclass

import numpy as np

from marquee.contracts.ids import EPOCH_MS, SEQUENCE_BITS, WORKER_BITS
from marquee.viewing.simulation.keyed_random import Floats, Ints, KeyedRandom
from marquee.viewing.simulation.networks import COUNTRIES, DEVICE_SHARES, LANGUAGES, PROVIDERS
from marquee.viewing.simulation.spec import DAY_MS, HOUR_MS, Spec

FACTORS = 6  # dimensions of taste
LOW_BITS = WORKER_BITS + SEQUENCE_BITS
ARMS = ("control", "treatment")
PROVIDER_SHARES = (0.3, 0.3, 0.2, 0.1, 0.1)


@dataclass(frozen=True)
class Viewers:
    """A batch of viewers, an entry of each array per viewer. `index` counts through the whole world."""

    index: Ints
    ids: Ints
    created_ms: Ints
    leaves_ms: Ints
    country: Ints  # of networks.COUNTRIES
    offset_ms: Ints  # local time − UTC
    second_language: Ints  # 1 where the country's other language is spoken too
    kids: Ints  # 0 or 1
    devices: Ints  # viewers × 2: the usual one and the other
    isp: Ints
    rate: Floats  # visits per day
    taste: Floats  # viewers × FACTORS
    arm: Ints
    clock_ms: Ints  # viewer's clock − the right time

    def speaks(self) -> Ints:
        """Viewers × languages: 1 where the viewer speaks it."""
        known = np.zeros((len(COUNTRIES), 2, len(LANGUAGES)), np.int64)
        for c, country in enumerate(COUNTRIES):
            known[c, :, LANGUAGES.index(country.languages[0])] = 1
            known[c, 1, LANGUAGES.index(country.languages[-1])] = 1
        return np.asarray(known[self.country, self.second_language])


def stream_ids(spec: Spec, kind: str, made_ms: Ints, number: Ints) -> Ints:
    """Ids as a server would have made them at `made_ms`; `number` keeps apart those of one millisecond."""
    salt = int(KeyedRandom(spec.seed).bits(f"ids/{kind}").item()) & ((1 << LOW_BITS) - 1)
    return (made_ms - EPOCH_MS) << LOW_BITS | ((number ^ salt) & ((1 << LOW_BITS) - 1))


def make_viewers(spec: Spec, first: int, last: int) -> Viewers:
    """The viewers numbered `first` to `last` − 1."""
    rng, who = KeyedRandom(spec.seed), np.arange(first, last, dtype=np.int64)
    created = _created(spec, rng, who)
    country = rng.pick(tuple(c.share for c in COUNTRIES), "country", who)
    usual = rng.pick(DEVICE_SHARES, "usual device", who)
    other = (usual + 1 + rng.below(3, "other device", who)) % len(DEVICE_SHARES)
    loyal = np.maximum(created, spec.start_ms)
    return Viewers(
        index=who,
        ids=stream_ids(spec, "profile", created, who),
        created_ms=created,
        leaves_ms=loyal + ((2 + 120 * rng.exponential("loyalty", who)) * DAY_MS).astype(np.int64),
        country=country,
        offset_ms=np.asarray([c.utc_hours for c in COUNTRIES], np.int64)[country] * HOUR_MS,
        second_language=(rng.uniform("second language", who) < 0.6).astype(np.int64),
        kids=(rng.uniform("kids", who) < spec.kids).astype(np.int64),
        devices=np.stack([usual, other], axis=1),
        isp=rng.pick(PROVIDER_SHARES, "isp", who) % len(PROVIDERS),
        rate=spec.visits * np.exp(0.9 * rng.normal("rate", who) - 0.405),  # mean 1 of the log-normal
        taste=np.stack([rng.normal("taste", who, k) for k in range(FACTORS)], axis=1),
        arm=rng.below(len(ARMS), "arm", who),
        clock_ms=_clock(spec, rng, who),
    )


def _created(spec: Spec, rng: KeyedRandom, who: Ints) -> Ints:
    """Six in ten were there before, by up to 400 days; the others come during the period."""
    before = spec.start_ms - rng.below(400 * DAY_MS, "before", who)
    during = spec.start_ms + rng.below(spec.days * DAY_MS, "during", who)
    return np.maximum(np.where(rng.uniform("old hand", who) < 0.6, before, during), EPOCH_MS)


def _clock(spec: Spec, rng: KeyedRandom, who: Ints) -> Ints:
    """No clock leaves the years that the log takes for possible, nor does the mess reach before 2020."""
    wrong = rng.uniform("clock", who) < spec.faults.skewed
    limit = min(730 * DAY_MS, spec.start_ms - EPOCH_MS - DAY_MS)
    return np.where(wrong, rng.below(2 * limit, "skew", who) - limit, 0)
