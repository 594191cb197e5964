"""What the guides say is so: links, commands, fields, codes and routes are those of the code."""

import ast
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer
from pydantic import BaseModel

from api.main import create_app
from marquee.cli import cli
from marquee.content.delivery.sidecar import SERIES_SIDECAR, SIDECAR, load_series, load_sidecar
from marquee.contracts.delivery import RefusalCode
from marquee.contracts.series import SeriesMetadata
from marquee.contracts.title import TitleMetadata
from marquee.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
GUIDES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
CODE = re.compile(r"```\w*\n(.*?)```|`([^`\n]+)`", re.DOTALL)
YAML = re.compile(r"```yaml\n(.*?)```|<<'YAML'\n(.*?)YAML\n", re.DOTALL)

every_guide = pytest.mark.parametrize("guide", GUIDES, ids=lambda path: str(path.relative_to(ROOT)))


def guide(name: str) -> str:
    return (ROOT / "docs" / name).read_text()


def code(text: str) -> str:
    """All that stands in backticks, a line each."""
    return "\n".join(block or span for block, span in CODE.findall(text))


def words(text: str) -> set[str]:
    """All that stands between single backticks."""
    return {span for _, span in CODE.findall(text) if span}


def rows(text: str) -> list[list[str]]:
    """The cells of all rows of all tables."""
    return [[c.strip() for c in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("| ")]


def commands() -> set[str]:
    single = {str(c.name or c.callback.__name__.replace("_", "-")) for c in cli.registered_commands if c.callback}
    return single | {str(group.name) for group in cli.registered_groups}


def targets() -> set[str]:
    """The Makefile's targets; of a pattern, those that have a module."""
    names = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    modules = {path.stem for path in (ROOT / "bench").glob("*.py")}
    return names | {
        f"bench-{name}" for name in modules | {path.parent.name for path in (ROOT / "bench").glob("*/__main__.py")}
    }


@every_guide
def test_links_lead_somewhere(guide: Path) -> None:
    for target in re.findall(r"\]\((?!\w+:)([^)#]*)(?:#[^)]*)?\)", guide.read_text()):
        assert (guide.parent / target).exists(), target


@every_guide
def test_anchors_are_headings(guide: Path) -> None:
    for target, anchor in re.findall(r"\]\((?!\w+:)([^)#]*)#([^)]+)\)", guide.read_text()):
        headings = re.findall(r"^#+ (.+)$", (guide.parent / target if target else guide).read_text(), re.MULTILINE)
        assert anchor in {re.sub(r"[^\w -]", "", h).lower().replace(" ", "-") for h in headings}, anchor


@every_guide
def test_commands_exist(guide: Path) -> None:
    named = code(guide.read_text())
    for target in re.findall(r"(?:^|[\s;&])make ([a-z-]*[a-z])(?![\w-])", named):
        assert target in targets(), f"make {target}"
    for command in re.findall(r"(?:^|[\s;&]|bin/)marquee ([a-z-]*[a-z])(?![\w-])", named):
        assert command in commands(), f"marquee {command}"


@every_guide
def test_settings_exist(guide: Path) -> None:
    """`MARQUEE_…` in a guide is a field of the settings."""
    known = {f"MARQUEE_{name.upper()}" for name in Settings.model_fields}
    assert set(re.findall(r"MARQUEE_[A-Z_]*[A-Z]", guide.read_text())) <= known


def test_every_command_is_in_the_operators_guide() -> None:
    text = code(guide("operators.md"))
    assert [name for name in commands() if f"marquee {name}" not in text] == []


@pytest.mark.parametrize("name", ["deliver", "rollback", "run", "logs", "simulate", "import-history", "sql"])
def test_options_exist(name: str) -> None:
    """`--option` after a command is one of its own."""
    known = {option for p in typer.main.get_command(cli).commands[name].params for option in p.opts}  # type: ignore[attr-defined]
    for text in map(Path.read_text, GUIDES):
        for line in re.findall(rf"marquee {name} ([^\n]*)", code(text)):
            assert set(re.findall(r"(?<!\S)--?[a-z-]*[a-z]", line)) <= known, line


@pytest.mark.parametrize("sidecar", [TitleMetadata, SeriesMetadata])
def test_every_sidecar_field_is_explained(sidecar: type[BaseModel]) -> None:
    schema = sidecar.model_json_schema()
    of_titles, _, of_series = guide("sidecar.md").partition("## series.yaml")
    table = of_titles if sidecar is TitleMetadata else of_series
    told = {word: " ".join(cells) for cells in rows(table) for word in words(cells[0])}
    for name, part in schema["properties"].items():
        assert name in told, name
        inner = set(nested(part, schema["$defs"])) if name != "texts" or sidecar is TitleMetadata else set()
        assert inner <= words(told[name]), f"{name}: {inner - words(told[name])}"


def nested(part: dict[str, Any], definitions: dict[str, Any]) -> Iterator[str]:
    """The fields and the choices of what a field holds."""
    for reference in re.findall(r"#/\$defs/(\w+)", json.dumps(part)):
        yield from definitions[reference].get("properties", {})
        yield from definitions[reference].get("enum", [])


@pytest.mark.parametrize("text", [a or b for path in GUIDES for a, b in YAML.findall(path.read_text())])
def test_examples_of_sidecars_load(tmp_path: Path, text: str) -> None:
    slug = re.search(r"^slug: (.+)$", text, re.MULTILINE)
    folder = tmp_path / (slug[1] if slug else "my-film")
    folder.mkdir()
    series = text.startswith(f"# {SERIES_SIDECAR}")
    (folder / (SERIES_SIDECAR if series else SIDECAR)).write_text(text, encoding="utf-8")
    assert (load_series if series else load_sidecar)(folder).slug == folder.name


@pytest.mark.parametrize("sidecar", [TitleMetadata, SeriesMetadata])
def test_the_longest_example_uses_every_field(sidecar: type[BaseModel]) -> None:
    examples = [a for a, _ in YAML.findall(guide("sidecar.md"))]
    of_series = sidecar is SeriesMetadata
    shown = "".join(text for text in examples if text.startswith(f"# {SERIES_SIDECAR}") == of_series)
    assert [f for f in sidecar.model_fields if not re.search(rf"^{f}:", shown, re.MULTILINE)] == []


def test_every_refusal_says_what_to_mend() -> None:
    section = guide("content-ops.md").partition("## Refused")[2].partition("\n## ")[0]
    assert set().union(*(words(cells[0]) for cells in rows(section))) == set(RefusalCode)


def test_every_field_of_a_trigger_form_is_named() -> None:
    named = words(guide("content-ops.md")) | words(guide("data.md"))
    for path in sorted((ROOT / "dags").glob("*.py")):
        for name, choices in form(path).items():
            assert name in named, f"{path.name}: {name}"
            assert choices <= named, f"{path.name}: {name}: {choices - named}"


def form(dag: Path) -> dict[str, set[str]]:
    """Parameters of a DAG and their choices, read without Airflow, which takes seconds to import."""
    for node in ast.parse(dag.read_text()).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "PARAMS":
            assert isinstance(node.value, ast.Dict)
            pairs = zip(node.value.keys, node.value.values, strict=True)
            return {ast.literal_eval(k): choices(v) for k, v in pairs if k and isinstance(v, ast.Call)}
    return {}


def choices(param: ast.Call) -> set[str]:
    return {each for k in param.keywords if k.arg == "enum" for each in ast.literal_eval(k.value)}


ASVS = {  # chapter 6 to 10 of 5.0.0: in each section, how many requirements of level 1 and 2 stand before those of 3
    "6.1": 3, "6.2": 12, "6.3": 4, "6.4": 4, "6.5": 5, "6.6": 3, "6.8": 4, "7.1": 3, "7.2": 4, "7.3": 2, "7.4": 5,
    "7.5": 2, "7.6": 2, "8.1": 2, "8.2": 3, "8.3": 1, "8.4": 1, "9.1": 3, "9.2": 4, "10.1": 2, "10.2": 2, "10.3": 4,
    "10.4": 11, "10.5": 5, "10.6": 2, "10.7": 3,
}  # fmt: skip


def test_every_requirement_has_a_test_or_a_reason() -> None:
    wanted = [f"{section}.{n}" for section, count in ASVS.items() for n in range(1, count + 1)]
    lines = [cells for cells in rows(guide("security.md")) if re.fullmatch(r"[\d.]+", cells[0])]
    assert [cells[0] for cells in lines] == wanted
    for number, asked, answer in lines:
        assert asked, number
        assert answer, number
        assert_known(answer, number)


def test_every_attack_on_playback_has_its_tests() -> None:
    for attack, answer in (cells for cells in rows(guide("playback-security.md")) if len(cells) == 2):
        assert re.search(r"\.py::", answer) or attack in {"attack", "---"}, attack
        assert_known(answer, attack)


def assert_known(answer: str, where: str) -> None:
    for test in re.findall(r"`(\S+\.py::\S+)`", answer):
        assert test in known_tests(ROOT / "tests" / test.partition("::")[0]), f"{where}: {test}"


@cache
def known_tests(path: Path) -> set[str]:
    """The tests of a file, as the guide names them."""
    found = set()
    for node in ast.parse(path.read_text()).body:
        inner = node.body if isinstance(node, ast.ClassDef) else [node]
        prefix = f"{node.name}::" if isinstance(node, ast.ClassDef) else ""
        names = [prefix + each.name for each in inner if isinstance(each, ast.FunctionDef)]
        found |= {f"{path.relative_to(ROOT / 'tests')}::{name}" for name in names if "test_" in name}
    return found


def test_every_route_is_named(tmp_path: Path) -> None:
    routes = {
        f"{method.upper()} {path}"
        for path, methods in create_app(tmp_path).openapi()["paths"].items()
        for method in methods
        if path.startswith("/v1")
    }
    guides = ("playback-api.md", "members.md")
    told = {word for name in guides for cells in rows(guide(name)) for word in words(cells[0]) if "/v1/" in word}
    assert told == routes
