"""Report on a promotion in plain language: Markdown for the registry, HTML for people."""

from collections.abc import Mapping
from html import escape

from ml.evaluate import Evaluation
from ml.gate import Decision, Incumbent

KINDS = {
    "first": "There was no champion: it had to hold its ground against popularity.",
    "refresh": "It is made by the champion's recipe from newer data: it had to be no worse.",
    "better": "It is made by another recipe than the champion: it had to be better beyond doubt.",
}
STYLE = """body { font: 16px/1.5 system-ui; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #222 }
table { border-collapse: collapse; width: 100% }
td, th { padding: .3rem .6rem; border-bottom: 1px solid #ddd; text-align: left }
.no { color: #9a031e } .yes { color: #1b7f4d }"""


def headline(model: str, decision: Decision) -> str:
    return f"{model} was promoted" if decision.promoted else f"{model} was not promoted"


def markdown(
    model: str,
    decision: Decision,
    evaluations: Mapping[str, Evaluation],
    facts: Mapping[str, str],
    incumbent: Incumbent | None,
) -> str:
    """The report. `facts` are shown as they come."""
    lines = [f"# {headline(model, decision)}", "", KINDS[decision.kind]]
    lines += [_why(decision), ""]
    if incumbent:
        lines += [f"The champion was {incumbent.model}.", ""]
    lines += ["| rule | holds | what was found |", "|---|---|---|"]
    lines += [f"| {check.name} | {'yes' if check.passed else '**no**'} | {check.words} |" for check in decision.checks]
    lines += ["", "## All candidates on the same held-out window", "", *table(evaluations), ""]
    lines += ["## What it was made of", "", *(f"- {name}: {value}" for name, value in facts.items())]
    return "\n".join(lines) + "\n"


def _why(decision: Decision) -> str:
    failed = [check.words for check in decision.checks if not check.passed]
    if failed:
        return "What stood against it: " + "; ".join(failed) + "."
    return "Every rule held."


def table(evaluations: Mapping[str, Evaluation]) -> list[str]:
    """The candidates as lines of a Markdown table, best first."""
    k = next(iter(evaluations.values())).k if evaluations else 10
    lines = [f"| candidate | nDCG@{k} | recall@{k} | coverage | popularity bias |", "|---|---|---|---|---|"]
    for name, found in sorted(evaluations.items(), key=lambda pair: -pair[1].mean().value):
        cells = (found.mean(), found.mean("recall"), f"{found.coverage:.3f}", f"{found.popularity_bias:.2f}")
        lines.append(f"| {name} | " + " | ".join(str(cell) for cell in cells) + " |")
    return lines


def html(title: str, text: str) -> str:
    """A page of the Markdown above: headings, paragraphs, lists and tables are all that it uses."""
    body, rows = [], []
    for line in [*text.splitlines(), ""]:
        if line.startswith("|"):
            rows.append([cell.strip() for cell in line.strip("|").split("|")])
            continue
        if rows:
            body.append(_table(rows))
            rows = []
        body.append(_line(line))
    head = f"<meta charset=utf-8><title>{escape(title)}</title><style>{STYLE}</style>"
    return f"<!doctype html><html lang=en>{head}<body>{''.join(body)}</body></html>\n"


def _line(line: str) -> str:
    for mark, tag in (("## ", "h2"), ("# ", "h1"), ("- ", "li")):
        if line.startswith(mark):
            return f"<{tag}>{escape(line.removeprefix(mark))}</{tag}>"
    return f"<p>{escape(line)}</p>" if line else ""


def _table(rows: list[list[str]]) -> str:
    head = "".join(f"<th>{escape(cell)}</th>" for cell in rows[0])
    body = "".join("<tr>" + "".join(map(_cell, row)) + "</tr>" for row in rows[2:])
    return f"<table><tr>{head}</tr>{body}</table>"


def _cell(cell: str) -> str:
    kind = {"yes": "yes", "**no**": "no"}.get(cell, "")
    return f"<td class={kind}>{escape(cell.strip('*'))}</td>" if kind else f"<td>{escape(cell)}</td>"
