"""Ids as Stripe's look: a prefix and random letters and digits."""

import secrets
import string

LETTERS = string.ascii_letters + string.digits


def new(prefix: str, length: int = 24) -> str:
    """`new("sub")`: sub_ and 24 characters, of 143 bits; who has not been told an id does not guess it."""
    return f"{prefix}_{''.join(secrets.choice(LETTERS) for _ in range(length))}"
