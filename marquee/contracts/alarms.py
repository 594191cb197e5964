"""Alarms about quality of experience: what is counted, and the levels at which an alarm is raised and cleared.

The goals are those of the platform: fewer than 0.5 % of starts fail, and less than 0.5 % of playing time is stalled. An
alarm is cleared at the goal and raised at twice as much, over the last `WINDOW_MIN` minutes, so that a figure that
swings around one level does not raise and clear it by turns. Too few samples change nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass

WINDOW_MIN = 10
GOAL, RAISE = 0.005, 0.01
ALARM, RATE, ERROR = "alarm:", "rate:", "error:"  # how live figures of alarms, their rates and error codes are named


@dataclass(frozen=True)
class Alarm:
    """A share of live figures, summed over the window: `bad` of all that `whole` names, `bad` itself included."""

    name: str
    bad: str
    whole: tuple[str, ...]
    samples: float  # of the whole: with fewer the alarm stays as it is
    least: float  # of what is bad, so that one unlucky viewer raises none
    raise_at: float = RAISE
    clear_at: float = GOAL

    def rate(self, sums: Mapping[str, float]) -> float | None:
        """The share; None where there is nothing."""
        whole = sum(sums.get(name, 0.0) for name in self.whole)
        return sums.get(self.bad, 0.0) / whole if whole else None

    def judge(self, sums: Mapping[str, float], *, raised: bool) -> bool:
        """Whether it is raised from now on. Where nobody plays any more there is nothing to be alarmed about."""
        rate = self.rate(sums)
        if rate is None:
            return False
        if sum(sums.get(name, 0.0) for name in self.whole) < self.samples:
            return raised
        return rate > self.clear_at if raised else rate >= self.raise_at and sums.get(self.bad, 0.0) >= self.least


START_FAILURES = Alarm("start_failures", "start_failures", ("starts", "start_failures"), samples=50, least=3)
REBUFFERING = Alarm("rebuffering", "stalled_ms", ("played_ms", "stalled_ms"), samples=30 * 60_000, least=10_000)


def of_error(code: str) -> Alarm:
    """The alarm about an error code, `category/code`: of minutes that sessions watched or failed in."""
    return Alarm(f"{ERROR}{code}", f"{ERROR}{code}", ("viewers", "start_failures"), samples=50, least=3)


def named(name: str) -> Alarm:
    """The alarm of that name."""
    fixed = {alarm.name: alarm for alarm in (START_FAILURES, REBUFFERING)}
    return fixed.get(name) or of_error(name.removeprefix(ERROR))
