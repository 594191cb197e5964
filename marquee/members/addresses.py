"""E-mail addresses as they are kept: checked for their form, in lower case."""

from email_validator import EmailNotValidError, validate_email

from marquee.contracts.errors import InvalidInput

LONGEST = 254  # RFC 5321, section 4.5.3.1, without the angle brackets


def normalised(typed: str) -> str:
    """The address in the form by which accounts are found. Raises InvalidInput.

    The part before the @ is put in lower case too: no mail system in use tells Ada@ from ada@, people do not either.
    """
    try:
        found = validate_email(typed.strip(), check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError as error:
        raise InvalidInput("not an e-mail address", where="email", expected=str(error), got=repr(typed[:80])) from None
    return found.lower()


def words(address: str) -> tuple[str, ...]:
    """The address and its parts: what a password must not be made of."""
    name, _, domain = address.partition("@")
    return address, name, domain.partition(".")[0]
