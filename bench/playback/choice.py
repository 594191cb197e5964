"""`python -m bench.playback.choice`: rules for the choice of a picture on simulated links, in seconds instead of hours.

A player fetches segment by segment over the links of `bench.playback.links`, with Shaka's estimate of the link (the
lesser of two moving averages, by the half-lives that Shaka has) and its rule: the largest picture whose bandwidth is at
most a share of the estimate. What differs is the share and how much is fetched ahead. Times of decoding, of keys and of
requests that are given up are left out, so that only the order of the rules says something about real players.
"""

import argparse
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean

from bench.figures import Figure, report
from bench.playback.links import Second, trace

SEGMENT_S, SEGMENTS, LAPS = 4, 30, 5  # laps as long as those of the traces
SPARE_S = 600
SOUND_BPS = 134_000
HALF_LIVES_S = (2.0, 5.0)  # Shaka 5.2's
TRUSTED_BYTES = 128_000  # Shaka 5.2's: until then the estimate is the one that it began with
FIRST_GUESS_BPS = 1_000_000
REMEMBERED = 0.85  # of the last playback's estimate
PEAK = 2.1  # times the mean, as the sample film has it
Share = Callable[[float], float]


@dataclass(frozen=True)
class Picture:
    """A rendition of the sample film in the `standard` ladder: peak bandwidth, as manifests name it, and mean VMAF."""

    peak_bps: int
    vmaf: float


PICTURES = (Picture(261_000, 53.1), Picture(988_000, 72.1), Picture(2_759_000, 82.6), Picture(4_818_000, 91.3))


@dataclass(frozen=True)
class Rule:
    """The share of the estimate that a picture may take, by the seconds that lie ahead, and how many are fetched."""

    share: Share
    goal_s: float = 30.0
    remembers: bool = True


def _steps(*rows: tuple[float, float]) -> Share:
    return lambda ahead: next(share for seconds, share in rows if ahead >= seconds)


RULES = {
    "shaka": Rule(lambda _: 0.95, 10.0, remembers=False),
    "shaka_30_s": Rule(lambda _: 0.95),
    "steps": Rule(_steps((20, 2.0), (12, 1.2), (6, 0.8), (0, 0.5))),  # the web app's: web/src/player/limits.ts
    "bold": Rule(_steps((22, 2.0), (14, 1.4), (8, 0.95), (0, 0.6))),
    "cautious": Rule(_steps((25, 1.8), (20, 1.5), (15, 1.2), (10, 0.9), (5, 0.6), (0, 0.5))),
}


class Average:
    """A moving average of rates, weighted by how long they lasted, without the bias of its beginning."""

    def __init__(self, half_life_s: float) -> None:
        self._keeps = 0.5 ** (1 / half_life_s)
        self._value = self._weight = 0.0

    def add(self, seconds: float, bps: float) -> None:
        kept = self._keeps**seconds
        self._value = kept * self._value + (1 - kept) * bps
        self._weight += seconds

    @property
    def bps(self) -> float:
        return self._value / (1 - self._keeps**self._weight)


class Player:
    """Plays the film once, from a second of a journey on."""

    def __init__(self, journey: Sequence[Second], rule: Rule, sizes: Sequence[float], guess_bps: float) -> None:
        self._journey, self._rule, self._sizes, self._guess = journey, rule, sizes, guess_bps
        self._averages = [Average(seconds) for seconds in HALF_LIVES_S]
        self._bytes = self._now = self._ahead = 0.0
        self.stood_s = 0.0
        self.shown: list[int] = []

    @property
    def estimate_bps(self) -> float:
        return self._guess if self._bytes < TRUSTED_BYTES else min(each.bps for each in self._averages)

    def play(self) -> None:
        while len(self.shown) < SEGMENTS:
            self._pass(max(0.0, self._ahead - self._rule.goal_s))
            self._fetch(self._choose())

    def _choose(self) -> int:
        most = self.estimate_bps * self._rule.share(self._ahead)
        fitting = [n for n, picture in enumerate(PICTURES) if picture.peak_bps + SOUND_BPS <= most]
        return max(fitting, default=0)

    def _fetch(self, picture: int) -> None:
        bits = (PICTURES[picture].peak_bps / PEAK * self._sizes[len(self.shown)] + SOUND_BPS) * SEGMENT_S
        self._pass(self._link().latency_ms / 1000)
        begun, left = self._now, bits
        while left > 1:
            bps = self._link().kbps * 1000
            seconds = min(left / bps, 1 - self._now % 1 or 1)
            left -= bps * seconds
            self._pass(seconds)
        for average in self._averages:
            average.add(self._now - begun, bits / (self._now - begun))
        self._bytes += bits / 8
        self._ahead += SEGMENT_S
        self.shown.append(picture)

    def _link(self) -> Second:
        return self._journey[min(len(self._journey) - 1, int(self._now))]

    def _pass(self, seconds: float) -> None:
        self._now += seconds
        if self.shown:  # it plays
            self.stood_s += max(0.0, seconds - self._ahead)
            self._ahead = max(0.0, self._ahead - seconds)


@dataclass(frozen=True)
class Shown:
    """What a rule came to: mean VMAF, the share of time that the picture stood, and changes of picture in a minute."""

    vmaf: float
    standing_percent: float
    switches_a_minute: float


def simulate(rule: Rule, journeys: int, *, even: bool = False) -> Shown:
    """Laps over so many journeys; `even`: all segments of a picture are as large as its peak says."""
    players = [player for seed in range(journeys) for player in _journey(rule, seed, even=even)]
    film_s = len(players) * SEGMENT_S * SEGMENTS
    stood_s = sum(player.stood_s for player in players)
    switches = sum(a != b for player in players for a, b in pairwise(player.shown))
    vmaf = fmean(PICTURES[n].vmaf for player in players for n in player.shown)
    return Shown(vmaf, 100 * stood_s / (film_s + stood_s), switches / film_s * 60)


def _journey(rule: Rule, seed: int, *, even: bool) -> list[Player]:
    lap_s = SEGMENT_S * SEGMENTS
    journey, guess = trace(LAPS * lap_s + SPARE_S, seed), float(FIRST_GUESS_BPS)
    players = []
    for lap in range(LAPS):
        sizes = [PEAK] * SEGMENTS if even else _sizes(random.Random(seed))
        players.append(Player(journey[lap * lap_s :], rule, sizes, guess))
        players[-1].play()
        if rule.remembers:
            guess = REMEMBERED * players[-1].estimate_bps
    return players


def _sizes(chance: random.Random) -> list[float]:
    """Of a film's segments, in shares of the mean: scene by scene from almost nothing to the peak."""
    drawn = [chance.uniform(0.05, PEAK) for _ in range(SEGMENTS)]
    return [size / fmean(drawn) for size in drawn]


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.playback.choice", description=__doc__)
    parser.add_argument("--journeys", type=int, default=100)
    arguments = parser.parse_args()
    figures = []
    for name, rule in RULES.items():
        for kind, even in (("uneven", False), ("even", True)):
            shown = simulate(rule, arguments.journeys, even=even)
            figures += [
                Figure(f"choice.{kind}_{name}_vmaf", shown.vmaf, "points"),
                Figure(f"choice.{kind}_{name}_standing_percent", shown.standing_percent, "percent"),
                Figure(f"choice.{kind}_{name}_switches_a_minute", shown.switches_a_minute, "count"),
            ]
    report("choice", figures, {})


if __name__ == "__main__":
    main()
