"""Confirmation: an account's password or one of its passkeys, asked for again before something that matters."""

from marquee.catalogue import accounts
from marquee.catalogue.database import begin
from marquee.catalogue.models import AccountRow
from marquee.contracts.members import Caller, PasskeyAnswer, Proof
from marquee.members import back_off, passkey_answers, passwords
from marquee.members.errors import WrongCredentials


def of_owner(account_id: int, proof: Proof, caller: Caller) -> AccountRow:
    """The account, once its owner is known by either. Raises WrongCredentials, WrongPasskey, TooManyAttempts."""
    with begin() as session:
        account = accounts.get(session, account_id)
        if isinstance(proof, PasskeyAnswer):
            passkey_answers.prove(session, account_id, proof)
            return account
    return _by_password(account, proof, caller)


def _by_password(account: AccountRow, password: str, caller: Caller) -> AccountRow:
    address = account.email or str(account.id)
    back_off.check(address, caller)
    if not passwords.verify(account.password_hash, password):
        back_off.failed(address, caller)
        raise WrongCredentials("the password is wrong", where="password")
    return account
