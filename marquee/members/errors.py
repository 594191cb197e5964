"""What members are refused for, each with a stable problem type."""

from datetime import datetime
from typing import ClassVar

from marquee.contracts.errors import Conflict, Forbidden, InvalidInput, MarqueeError, Unauthorised


class WrongCredentials(Unauthorised):
    """The address or the password is wrong; which of them is not told."""

    type = "wrong-credentials"


class SecondFactorRequired(Unauthorised):
    """The password is right, and the account asks for a code as well."""

    type = "second-factor-required"


class WrongPasskey(Unauthorised):
    """The passkey is none of ours, or its answer is not good for here and now."""

    type = "wrong-passkey"


class ProviderRefused(Unauthorised):
    """The operator's provider has not signed the member in, or not in this browser."""

    type = "provider-refused"


class WrongCode(Unauthorised):
    """The code is wrong, or was taken before."""

    type = "wrong-code"


class AccountLocked(Forbidden):
    """The account is locked by staff. Told only to who knows the password."""

    type = "account-locked"


class SignedOut(Unauthorised):
    """The sign-in is over: it was ended, has expired, or its token was used twice."""

    type = "signed-out"


class WeakPassword(InvalidInput):
    """The password is too easy to guess."""

    type = "weak-password"


class LinkSpent(MarqueeError):
    """The link was used, has expired, or was never ours."""

    type: ClassVar[str] = "link-spent"
    status: ClassVar[int] = 410


class TooOften(MarqueeError):
    """Too much in a short time; `until` says when to try again."""

    type: ClassVar[str] = "too-often"
    status: ClassVar[int] = 429

    def __init__(self, what: str, until: datetime) -> None:
        self.until = until
        super().__init__(what)


class TooManyAttempts(TooOften):
    """Too many failures."""

    type = "too-many-attempts"

    def __init__(self, until: datetime) -> None:
        super().__init__("too many attempts; try again later", until)


class ExportTooSoon(TooOften):
    """A copy of the data was asked for a short while ago."""

    type = "export-too-soon"


class ExportUnderWay(Conflict):
    """A copy of the data is being made."""

    type = "export-under-way"


class ExportExpired(MarqueeError):
    """The copy of the data is not there any more."""

    type: ClassVar[str] = "export-expired"
    status: ClassVar[int] = 410


class LinkOfAnother(Forbidden):
    """The link was sent to another account than the one that is signed in."""

    type = "link-of-another"


class NotSuitable(Forbidden):
    """The title is not suitable for the profile's age limit."""

    type = "maturity"


class EmailNotVerified(Forbidden):
    """The account's address has to be confirmed first."""

    type = "email-not-verified"


class NoPlan(Forbidden):
    """The account has no plan."""

    type = "no-plan"


class PaymentDue(Forbidden):
    """The plan has to be paid before anything plays again."""

    type = "payment-due"


class TooManyStreams(Forbidden):
    """The account plays on as many devices as its plan allows."""

    type = "too-many-streams"


class StreamStopped(Forbidden):
    """The playback was stopped from another device."""

    type = "stream-stopped"


class NoProfileChosen(Forbidden):
    """It has to be chosen first who watches."""

    type = "no-profile"


class NotForThisProfile(Forbidden):
    """A profile with an age limit changes no profiles."""

    type = "not-for-this-profile"


class PinRequired(Forbidden):
    """The profile asks for its PIN."""

    type = "pin-required"


class WrongPin(Forbidden):
    """The PIN is wrong."""

    type = "wrong-pin"


class PaymentFailed(MarqueeError):
    """The payment was declined, or needs the bank's confirmation."""

    type: ClassVar[str] = "payment-failed"
    status: ClassVar[int] = 402


class ForgedReport(MarqueeError):
    """A report that the payment provider has not signed, or not just now."""

    type: ClassVar[str] = "forged-report"
    status: ClassVar[int] = 400
