"""PINs of profiles: four to eight digits, kept as a keyed hash, and guessed slowly.

So short a secret has no strength of its own: its hash needs a key that is not in the database, and guesses are counted.
"""

import hashlib
import hmac

from marquee.catalogue.models import ProfileRow
from marquee.contracts.members import Caller
from marquee.members import back_off
from marquee.members.errors import PinRequired, WrongPin
from marquee.settings import settings


def hashed(profile_id: int, pin: str) -> str:
    """What is kept of a PIN (HMAC-SHA256 with a key of the installation)."""
    return hmac.new(
        settings().secret("master_key").encode(), f"pin {profile_id} {pin}".encode(), hashlib.sha256
    ).hexdigest()


def check(profile: ProfileRow, pin: str | None, caller: Caller) -> None:
    """Let through who knows the profile's PIN, and everybody where it has none.

    Raises PinRequired, WrongPin, TooManyAttempts.
    """
    if profile.pin_hash is None:
        return
    if not pin:
        raise PinRequired("this profile asks for its PIN", where="pin")
    subject = f"pin of {profile.id}"
    back_off.check(subject, caller)
    if not hmac.compare_digest(profile.pin_hash, hashed(profile.id, pin)):
        back_off.failed(subject, caller)
        raise WrongPin("the PIN is wrong", where="pin")
    back_off.succeeded(subject, caller)
