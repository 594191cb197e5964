"""The lease of a primary: it takes writes as long as a majority of the regions follows it.

A standby renews it by each report of how far it is. One that has been told to follow another server renews it no more,
so once a majority has been told, the primary is sure to have fenced itself a lease later, whether it can be reached or
not. Only durations are compared, never the clocks of two machines.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass
class Lease:
    """Of a primary among so many `regions`; `seconds` is how long a standby's report counts."""

    regions: int
    seconds: float
    _last: dict[str, datetime] = field(default_factory=dict)  # the newest report of each, by its own clock
    _renewed: dict[str, float] = field(default_factory=dict)  # when that was seen, by ours (monotonic s)

    @property
    def needed(self) -> int:
        """Standbys that make a majority together with the primary."""
        return self.regions // 2

    def hear(self, reports: Mapping[str, datetime], now: float) -> None:
        """Take notice of the standbys' newest reports. One that was there before the first look renews nothing."""
        for name, report in reports.items():
            if name in self._last and report != self._last[name]:
                self._renewed[name] = now
            self._last[name] = report

    def holds(self, now: float) -> bool:
        """Whether enough standbys have reported within the lease."""
        return sum(now - renewed < self.seconds for renewed in self._renewed.values()) >= self.needed
