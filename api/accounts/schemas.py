"""Schemas of accounts."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from api.deps import ApiId
from api.sign_in.schemas import TEXT, Challenge, Code, Email, Password
from marquee.contracts.members import AuditKind, PasskeyAnswer, Proof, Role

Language = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$", max_length=35)]
LinkToken = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=TEXT)]


class _Wanted(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Registration(_Wanted):
    """A new account."""

    email: Email
    password: Password
    language: Language = "en"


class Address(_Wanted):
    """An e-mail address, and the language to write in where it has no account that knows better."""

    email: Email
    language: Language = "en"


class Link(_Wanted):
    """The token of a link in a message: what follows the # of its address."""

    token: LinkToken


class PasswordReset(Link):
    """A new password, by a link."""

    password: Password


class PasskeyUse(_Wanted):
    """What the browser has answered (`PublicKeyCredential.toJSON()`), with the challenge as it was given."""

    challenge: Challenge
    credential: dict[str, Any]


class OwnPassword(_Wanted):
    """The account's password, asked for before what matters."""

    password: Password

    def proof(self) -> Proof:
        return self.password


class OwnPasskey(_Wanted):
    """One of the account's passkeys, in place of its password."""

    passkey: PasskeyUse

    def proof(self) -> Proof:
        return PasskeyAnswer(self.passkey.challenge, self.passkey.credential)


OwnProof = OwnPassword | OwnPasskey


class PasswordChange(_Wanted):
    """A new password, by who knows the old one."""

    current: Password
    password: Password

    def proof(self) -> Proof:
        return self.current


class PasswordChangeByPasskey(OwnPasskey):
    """A new password, or the first one, by who has a passkey."""

    password: Password


class AddressChange(OwnPassword):
    """A new address, and the password."""

    email: Email


class AddressChangeByPasskey(OwnPasskey):
    """A new address, and a passkey."""

    email: Email


class Confirmed(BaseModel):
    """Whether both addresses have confirmed, so that the change is made."""

    complete: bool


class OwnCode(_Wanted):
    """A code of the authenticator app."""

    code: Code


class Account(BaseModel):
    """The account of who is signed in, and what it may be proven by: a `password`, so many `passkeys`.

    `delete_at` is when it will be deleted, null unless that was asked for.
    """

    account_id: ApiId
    email: str | None
    email_verified: bool
    language: str
    role: Role
    created_at: datetime
    delete_at: datetime | None
    password: bool
    passkeys: int
    totp: bool
    recovery_codes_left: int


class NewPasskey(PasskeyUse):
    """What the browser has made, in the same form."""


class Passkey(BaseModel):
    """A passkey of the account; `name` is the device on which it was made."""

    passkey_id: ApiId
    name: str
    created_at: datetime
    used_at: datetime | None


class PasskeyList(BaseModel):
    """The oldest first."""

    items: list[Passkey]


class Deletion(BaseModel):
    """When the account will be deleted, unless that is taken back before."""

    delete_at: datetime


class Device(BaseModel):
    """Where the account is signed in; `current` is the device that asks."""

    device_id: ApiId
    kind: str
    name: str
    country: str
    signed_in_at: datetime
    seen_at: datetime
    current: bool


class DeviceList(BaseModel):
    """All devices, the last seen first."""

    items: list[Device]


class AuditEntry(BaseModel):
    """Something that happened to the account. `actor` is null where the member did it."""

    at: datetime
    kind: AuditKind
    device: str
    country: str
    actor: str | None
    detail: str


class AuditPage(BaseModel):
    """Entries, the newest first. `next_before` goes into `before` for the page after this one."""

    items: list[AuditEntry]
    next_before: ApiId | None


class TotpProposal(BaseModel):
    """What an authenticator app is given: the secret to type, or the QR code (SVG) to scan."""

    secret: str
    uri: str
    qr_svg: str


class RecoveryCodes(BaseModel):
    """Codes for when the app is lost. Each works once; they are shown this once."""

    codes: list[str] = Field(examples=[["abcd-efgh-jkmn-pqrs-tuvw-xyz2"]])
