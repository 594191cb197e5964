"""Confirmation: an account's password, asked for again before something that matters."""

from marquee.catalogue import accounts
from marquee.catalogue.database import begin
from marquee.catalogue.models import AccountRow
from marquee.contracts.members import Caller
from marquee.members import back_off, passwords
from marquee.members.errors import WrongCredentials


def by_password(account_id: int, password: str, caller: Caller) -> AccountRow:
    """The account. Raises WrongCredentials, TooManyAttempts."""
    with begin() as session:
        account = accounts.get(session, account_id)
    address = account.email or str(account_id)
    back_off.check(address, caller)
    if not passwords.verify(account.password_hash, password):
        back_off.failed(address, caller)
        raise WrongCredentials("the password is wrong", where="password")
    return account
