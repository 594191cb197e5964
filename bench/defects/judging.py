"""Whether a planted defect was found, and where; and what was said of films without one."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from bench.figures import Figure
from marquee.contracts.qc import QcFinding, QcReport, Severity

CLOSE_S = 0.5
# What is true of the real clips: silent, subtitles that are pictures; the one with sound is at -34 LUFS, and became 25
# frames a second from 24 by one shown twice each second.
TRUE_OF_CLIPS = {"no_sound", "only_picture_subtitles", "picture_subtitles", "loudness"}
TRUE_OF = {"big-buck-bunny-720p-5.1": {"repeated_frames", "converted_rate"}}


@dataclass(frozen=True)
class Case:
    """One film with QC's word on it. `wanted_s` and `found_s` are start and end; `others` what else it warned of."""

    name: str
    kind: str
    film: str
    seconds: float
    checks: tuple[str, ...]
    wanted_s: tuple[float | None, float | None]
    found: bool
    found_s: tuple[float | None, float | None]
    others: tuple[str, ...]

    @property
    def off_s(self) -> float | None:
        """How far the found place is from the planted one; none where no place is asked for or found."""
        pairs = zip(self.wanted_s, self.found_s, strict=True)
        return max((abs(a - b) for a, b in pairs if a is not None and b is not None), default=None)

    @property
    def right(self) -> bool:
        """Found, and within `CLOSE_S` where there is a place."""
        if not self.found or self.wanted_s[0] is None:
            return self.found
        return self.off_s is not None and self.off_s <= CLOSE_S

    def word(self) -> str:
        if self.kind == "clean":
            return ", ".join(self.others) or "nothing"
        off = "" if self.off_s is None else f", {self.off_s:.2f} s off"
        more = f"; also {', '.join(self.others)}" if self.others else ""
        return f"{'found' if self.found else 'MISSED'}{off}{more}"

    def line(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def read(cls, line: str) -> "Case | None":
        """A case of a line; none of one that is not whole."""
        try:
            told = json.loads(line)
        except ValueError:
            return None
        whole: dict[str, Any] = {n: tuple(value) if isinstance(value, list) else value for n, value in told.items()}
        return cls(**whole)


def judged(
    name: str,
    kind: str,
    film: str,
    checks: tuple[str, ...],
    start_s: float | None,
    end_s: float | None,
    report: QcReport,
) -> Case:
    """Take QC's findings: the nearest one of the wanted checks, and the others that warn."""
    mine = [finding for finding in report.findings if finding.check in checks]
    nearest = min(mine, key=lambda finding: _distance(finding, start_s), default=None)
    place = (nearest.start_s, nearest.end_s) if nearest else (None, None)
    warned = {finding.check for finding in report.findings if finding.severity is not Severity.PASS}
    told = tuple(sorted(warned - {*checks, *TRUE_OF_CLIPS} - TRUE_OF.get(film, set())))
    return Case(name, kind, film, report.duration_s, checks, (start_s, end_s), bool(mine), place, told)


def _distance(finding: QcFinding, start_s: float | None) -> float:
    return abs((finding.start_s or 0.0) - (start_s or 0.0))


def clean_minutes(cases: Sequence[Case]) -> float:
    return sum(case.seconds for case in cases if case.kind == "clean") / 60


def figures(cases: Sequence[Case]) -> list[Figure]:
    planted = [case for case in cases if case.kind != "clean"]
    placed = [case.off_s for case in planted if case.off_s is not None]
    false = sum(len(case.others) for case in cases if case.kind == "clean")
    minutes = clean_minutes(cases)
    found = [
        Figure("defects.planted", len(planted), "defects"),
        Figure("defects.found", sum(case.right for case in planted) / max(1, len(planted)), "share"),
        Figure("defects.worst_place", max(placed, default=0.0), "s"),
        Figure("defects.clean_minutes", minutes, "min"),
    ]
    return [*found, Figure("defects.false_per_10_min", 10 * false / minutes, "warnings")] if minutes else found


def table(cases: Sequence[Case]) -> str:
    """Markdown: a row per kind."""
    lines = ["| kind | planted | found in place | worst place | also warned of |", "|---|---|---|---|---|"]
    for kind in dict.fromkeys(case.kind for case in cases if case.kind != "clean"):
        of_kind = [case for case in cases if case.kind == kind]
        off = [case.off_s for case in of_kind if case.off_s is not None]
        worst = f"{max(off):.2f} s" if off else "whole"
        more = ", ".join(sorted({other for case in of_kind for other in case.others}))
        lines.append(f"| {kind} | {len(of_kind)} | {sum(case.right for case in of_kind)} | {worst} | {more} |")
    return "\n".join(lines)
