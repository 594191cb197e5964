"""Writes messages: the words of a kind in a language become text and HTML."""

from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
import yaml

from marquee.contracts.members import MailKind

HERE = Path(__file__).parent
LANGUAGES = tuple(sorted(path.stem for path in (HERE / "texts").glob("*.yaml")))
DEFAULT = "en"


@cache
def words(language: str) -> dict[str, Any]:
    """The words of a language, of English where there are none for it."""
    known = language.partition("-")[0].lower()
    path = HERE / "texts" / f"{known if known in LANGUAGES else DEFAULT}.yaml"
    content: dict[str, Any] = yaml.safe_load(path.read_text())
    return content


def write(
    kind: MailKind, to: str, *, sender: str, language: str, link: str = "", hours: int = 0, details: dict[str, Any]
) -> EmailMessage:
    """The message. `link` is what its button opens, `hours` how long it works; 0 for one that always does."""
    all_words = words(language)
    own = all_words[kind]
    said = all_words | own  # a kind may have its own words for what most say alike
    notes = [said["expires"].format(hours=hours, **details), said["ignore"]] if hours else []
    text = own["text"].format_map(details)
    lines = [all_words["greeting"], text, *([link] if link else []), *notes, all_words["closing"]]
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = own["subject"], sender, to
    message["Date"], message["Message-ID"] = formatdate(), make_msgid(domain="marquee")
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no automatic answers
    message.set_content("\n\n".join(lines) + "\n")
    values = {**own, "text": text, "greeting": all_words["greeting"], "closing": all_words["closing"]}
    html = _page().render(language=language, link=link, notes=notes, **values)
    message.add_alternative(html, subtype="html")
    return message


@cache
def _page() -> jinja2.Template:
    loader = jinja2.FileSystemLoader(HERE)
    return jinja2.Environment(loader=loader, autoescape=True).get_template("message.html.j2")
