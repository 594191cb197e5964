"""What is searched for."""

import json
from dataclasses import dataclass

from marquee.embedded.log_search.entry import Entry
from marquee.embedded.log_search.levels import RANK

EVER = float("inf")


@dataclass(frozen=True)
class Query:
    """Lines between two Unix times, of a level or worse (any: empty), with a trace's id and a text in them."""

    since: float = 0.0
    until: float = EVER
    level: str = ""
    trace: str = ""
    text: str = ""

    @property
    def filters(self) -> bool:
        return bool(self.trace or self.text or self.serious)

    @property
    def serious(self) -> bool:
        """Whether the level leaves out more than it lets through."""
        return RANK.get(self.level, 0) >= RANK["warning"]

    def needles(self) -> list[str]:
        """Texts of which a line must have one: the rarest that is asked for. None where every line may do."""
        return [self.trace] if self.trace else _written(self.text) if self.text else []

    def accepts(self, entry: Entry, line: bytes) -> bool:
        """Whether a line is among what is searched for."""
        return (
            self.since <= entry.at <= self.until
            and (not self.level or (bool(entry.level) and RANK[entry.level] >= RANK[self.level]))
            and self.trace.encode() in line
            and (not self.text or any(each.encode() in line for each in _written(self.text)))
        )


def _written(text: str) -> list[str]:
    """A text as it stands in lines: as it is, and as JSON has it with quotation marks and signs beyond ASCII."""
    return list(dict.fromkeys([text, json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1]]))
