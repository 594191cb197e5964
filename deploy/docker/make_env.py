"""Prints a .env for docker compose: .env.example with a fresh secret in every place that is left empty.

`python3 deploy/docker/make_env.py > .env` (standard library only; keep the file to yourself and back it up: content
keys cannot be opened without MARQUEE_MASTER_KEY).
"""

import re
import secrets
import sys
from pathlib import Path

EXAMPLE = Path(__file__).resolve().parents[2] / ".env.example"
EMPTY = re.compile(r"^([A-Z][A-Z0-9_]*)=$", re.MULTILINE)


def filled(example: str) -> str:
    """Each secret is 32 random bytes in base64url: safe in URLs, JSON and .env files, and as a Fernet key."""
    return EMPTY.sub(lambda name: f"{name[1]}={secrets.token_urlsafe(32)}", example)


if __name__ == "__main__":
    sys.stdout.write(filled(EXAMPLE.read_text()))
