"""Ownership: what happens when somebody proves for the first time that an account's address is theirs.

Whoever opened the account before, with an address that nobody had verified, may have been another: a password, a
passkey or a device of theirs would lie in wait there. So the first proof closes every earlier way in.
"""

from sqlalchemy.orm import Session

from marquee.catalogue import accounts, devices, one_time_links, passkeys, second_factors
from marquee.contracts.members import LinkPurpose


def prove(session: Session, account_id: int) -> bool:
    """Note that the address is the owner's; whether that was new, and then every earlier way in is closed."""
    if not accounts.verify_address(session, account_id):
        return False
    accounts.set_password(session, account_id, None)
    second_factors.remove(session, account_id)
    passkeys.remove_all(session, account_id)
    one_time_links.forget(session, account_id, *LinkPurpose)
    devices.end(session, account_id)
    return True
