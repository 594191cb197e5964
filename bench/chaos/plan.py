"""What is lost when, by a seed: each round loses the primary's region, and before that something smaller."""

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bench.chaos.platform import Platform
from marquee.embedded.processes import wait_until
from marquee.regions import promotion

SMALL = ("edge", "shield", "api", "origin", "standby", "brief cut")
NOTICE_S, CALM_S, SMALL_S, SETTLE_S, ROUND_S = 3.0, 8.0, 6.0, 60.0, 60.0
Say = Callable[[str], None]


@dataclass(frozen=True)
class Loss:
    """A region that was lost with its primary: when (Unix s), what took over, and how long its steps took (s)."""

    lost: str
    taken: str
    how: str
    at: float
    opened_at: float
    rejoin_s: float


def losses(platform: Platform, *, seed: int, minutes: float, say: Say) -> Iterator[Loss]:
    """Lose one region after the other for so many minutes, about one each minute."""
    chance = random.Random(seed)
    for _ in range(max(1, round(minutes * 60 / ROUND_S))):
        _small(platform, chance, say)
        time.sleep(CALM_S)
        yield _lose_primary(platform, chance, say)
        time.sleep(CALM_S)


def _small(platform: Platform, chance: random.Random, say: Say) -> None:
    kind, primary = chance.choice(SMALL), _primary(platform)
    region = chance.choice([each for each in platform.regions if each != primary])
    say(f"{kind} of {region} is lost")
    if kind == "brief cut":
        platform.network.cut(region)
        time.sleep(SMALL_S)
        platform.network.heal(region)
        return
    server = "postgres" if kind == "standby" else kind
    platform.kill(region, server)
    time.sleep(SMALL_S)
    platform.start(region, server)


def _lose_primary(platform: Platform, chance: random.Random, say: Say) -> Loss:
    """Cut a region off, or kill all of it; promote another one after an operator's moment; bring it back."""
    lost, how = _primary(platform), chance.choice(("cut off", "killed"))
    at = time.time()
    platform.network.cut(lost)
    killed = [kind for region, kind in platform.running if region == lost and kind != "writer"]
    if how == "killed":
        for kind in killed:
            platform.kill(lost, kind)
    say(f"{lost} is {how}")
    time.sleep(NOTICE_S)
    taken = promotion.promote(platform.settings.regions, "", lease_s=platform.lease_s, say=say)
    opened_at = time.time()
    time.sleep(CALM_S)
    platform.network.heal(lost)
    if how == "killed":
        for kind in killed:
            platform.start(lost, kind)
    rejoin_s = _rejoin(platform, lost, taken, say)
    return Loss(lost, taken, how, at, opened_at, rejoin_s)


def _rejoin(platform: Platform, lost: str, taken: str, say: Say) -> float:
    until(lambda: platform.standings()[lost].answers, f"{lost} does not answer again")
    say(f"{lost} is back as {platform.standings()[lost].role}")
    until(lambda: platform.writers() == [taken], f"{taken} takes no writes")
    started = time.monotonic()
    platform.marquee(lost, "region", "rejoin")
    until(lambda: all(_follows(platform, region, taken) for region in platform.regions), "not all follow")
    say(f"{lost} has rejoined")
    return time.monotonic() - started


def _follows(platform: Platform, region: str, taken: str) -> bool:
    standing = platform.standings()[region]
    return standing.takes_writes if region == taken else standing.follows == taken


def _primary(platform: Platform) -> str:
    until(lambda: len(platform.writers()) == 1, "no one region takes writes")
    return platform.writers()[0]


def until(holds: Callable[[], bool], complaint: str) -> None:
    """Wait for something that has to come. Raises RuntimeError."""
    if not wait_until(holds, SETTLE_S):
        raise RuntimeError(complaint)
