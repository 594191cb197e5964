"""Takes out of log lines what must not stand there, whoever put it in: the last net under every logger of ours.

Loggers name ids and never put secrets, addresses or queries into a line. What this catches comes from outside: messages
of errors that quote a value, a URL with a login, a row.
"""

import re
from typing import Any

GONE = "[redacted]"
SHAPES = re.compile(
    r"""
      eyJ[\w-]{8,2000}\.[\w-]+(?:\.[\w-]*)?                # JSON Web Tokens (RFC 7519)
    | \b(?:[sr]k|whsec)_(?:live_|test_)?\w{16,}    # keys of the payment provider
    | (?<=[Bb]earer\ )[\w.~+/=-]{8,}                       # RFC 6750 §2.1
    | (?<=://)[^\s/@:"']*:[^\s/@"']+(?=@)                  # a login in a URL
    | (?<=/m/)[\w.~=-]{20,}(?=/)                           # a media token in an edge's path
    | (?i:(?<=token=)|(?<=password=)|(?<=code=)|(?<=secret=))[^\s&"']{6,}
    | (?<=DETAIL:)[^\n]+ | (?<=CONTEXT:)[^\n]+             # PostgreSQL's, with rows in question
    | (?<=input_value=).*?(?=,\ input_type=)               # pydantic's
    | [\w.!\#$%&'*+/=?^`{|}~-]{1,64}@[\w-]+(?:\.[\w-]+)+   # mail addresses (RFC 5321 §4.5.3.1)
    """,
    re.VERBOSE,
)
# An e-mail address, a token and a login have one of these in them; most texts have none.
HINTS = ("@", "eyJ", "_", "earer ", "/m/", "=", "DETAIL:", "CONTEXT:")


def redacted(text: str) -> str:
    """The text without what looks like a secret or a mail address."""
    return SHAPES.sub(GONE, text) if any(hint in text for hint in HINTS) else text


def redact(value: Any) -> Any:
    """A value of a log line, as deep as it goes."""
    if isinstance(value, str):
        return redacted(value)
    if isinstance(value, dict):
        return {name: redact(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [redact(each) for each in value]
    return value
