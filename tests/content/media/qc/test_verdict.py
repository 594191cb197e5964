from itertools import pairwise

import pytest

from marquee.content.media.qc.expectations import violations
from marquee.content.media.qc.findings import AT_MOST, expected, findings, with_unit
from marquee.content.media.qc.profile import Rule, profile, profiles
from marquee.contracts.errors import NotFound
from marquee.contracts.qc import Measures, QcFinding, QcInterval, QcReport, Severity

CLEAN_TRACK: Measures = {"lufs": -23.0, "peak_dbtp": -3.0, "channels": 2}


def judge(name: str = "ebu-r128", **tables: list[Measures]) -> list[QcFinding]:
    return list(findings(violations(tables, profile(name)), tables, []))


@pytest.mark.parametrize("severities", [[], ["pass"], ["pass", "warn"], ["warn", "fail", "pass"]])
def test_the_worst_finding_is_the_verdict(severities: list[str]) -> None:
    found = tuple(QcFinding(check="x", severity=Severity(s), message="") for s in severities)
    report = QcReport(mezzanine_sha256="", profile="ebu-r128", duration_s=1, measured={}, findings=found)
    assert report.verdict == ((severities and max(severities, key=["pass", "warn", "fail"].index)) or "pass")
    assert QcReport.model_validate_json(report.model_dump_json()) == report


@pytest.mark.parametrize("name", list(profiles()))
def test_every_rule_holds_where_nothing_is_measured(name: str) -> None:
    assert judge(name, picture=[{}], audio=[{}, {}], captions=[{}]) == []


@pytest.mark.parametrize("rule", profile("ebu-r128").rules, ids=lambda rule: rule.name)
def test_every_rule_can_break_and_says_so(rule: Rule) -> None:
    over = (rule.max if rule.max is not None else (rule.min or 0) - 2) + 1
    row: Measures = dict.fromkeys(
        ("decode_errors", "crop_width", "crop_height", "crop_x", "crop_y", "channels", "overlaps", "empty", "cues"), 4
    )
    row |= {"decode_error": "{broken}", "field_order": "tff", "undecodable_because": "?", "flashes_per_s": 9}
    row |= {"left_out": "stream 3", "encoding": "cp1251", "sample": "…", "language": "fr", "written_in": "en"}
    row |= {"stream": 3, "confidence": 40, "unread_because": "?", "base": "PQ"}
    row |= {"levels": "0 to 255", "range_looks": "full", "range_says": "limited", "colour_conflict": "PQ in 8 bits"}
    row |= {"repeated_frames": 4, "repeat_period": 25, "dropped_frames": 4}
    row[rule.measure] = over
    (broken,) = (v for v in violations({rule.table: [row]}, profile("ebu-r128")) if v.rule == rule)
    (finding,) = findings([broken], {rule.table: [row]}, [])
    assert finding.severity is rule.severity
    assert (finding.expected, finding.got) == (expected(rule), with_unit(over, rule.unit))
    assert "{value}" not in finding.message


def test_bounds_are_inside() -> None:
    assert judge(audio=[CLEAN_TRACK | {"lufs": -24.0}, CLEAN_TRACK | {"lufs": -22.0}]) == []
    assert [f.track for f in judge(audio=[CLEAN_TRACK, CLEAN_TRACK | {"lufs": -21.9}])] == ["audio1"]


def test_a_grave_finding_replaces_its_milder_double_on_that_track_only() -> None:
    silent: Measures = {"silence_longest_s": 60, "silence_share": 1.0}
    partly: Measures = {"silence_longest_s": 10, "silence_share": 0.1}
    assert [(f.track, f.check) for f in judge(audio=[silent, partly])] == [
        ("audio1", "silence"),
        ("audio0", "all_silence"),
    ]


def test_each_long_stretch_is_a_finding_up_to_a_number() -> None:
    stretches = [QcInterval(check="black", start_s=10 * n, end_s=10 * n + 3) for n in range(AT_MOST + 5)]
    brief = QcInterval(check="black", start_s=400, end_s=401)
    table: dict[str, list[Measures]] = {"picture": [{"black_longest_s": 3.0}]}
    found = findings(violations(table, profile("ebu-r128")), table, [*stretches, brief])
    assert len(found) == AT_MOST + 1
    assert found[-1].message.startswith("5 more")
    assert all(a.start_s < b.start_s for a, b in pairwise(found[:-1]))
    assert found[0].got == "3 s"


def test_an_unknown_profile_is_named() -> None:
    with pytest.raises(NotFound, match="expected one of ebu-r128, atsc-a85, streaming, archive; got netflix"):
        profile("netflix")


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [(1, "errors", "1 error"), (0.0004, "%", "0.04 %"), (3.04167, "s", "3.04 s"), (1, "captions", "1 caption")],
)
def test_values_for_people(value: float, unit: str, text: str) -> None:
    assert with_unit(value, unit) == text
