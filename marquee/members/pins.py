"""PINs of profiles: four to eight digits, kept as a keyed hash, and guessed slowly.

So short a secret has no strength of its own: its hash needs a key that is not in the database, and guesses are counted.
"""

import hashlib
import hmac

from marquee.catalogue import profiles
from marquee.catalogue.database import begin
from marquee.catalogue.models import ProfileRow
from marquee.contracts.members import Caller
from marquee.members import back_off
from marquee.members.errors import PinRequired, WrongPin
from marquee.settings import settings


def hashed(profile_id: int, pin: str, master: str = "") -> str:
    """What is kept of a PIN (HMAC-SHA256 with a key of the installation, the present master key by default)."""
    key = master or settings().secret("master_key")
    return hmac.new(key.encode(), f"pin {profile_id} {pin}".encode(), hashlib.sha256).hexdigest()


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
    known = [hashed(profile.id, pin, master) for master in settings().master_keys]
    if sum(hmac.compare_digest(profile.pin_hash, each) for each in known) == 0:
        back_off.failed(subject, caller)
        raise WrongPin("the PIN is wrong", where="pin")
    if profile.pin_hash != known[0]:  # a PIN is known only when it is typed: so the master key is exchanged then
        with begin() as session:
            profiles.rehash_pin(session, profile, known[0])
    back_off.succeeded(subject, caller)
