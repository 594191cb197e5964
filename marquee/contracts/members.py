"""Types of members: roles, what a signed-in request acts for, and the entries of an account's audit trail."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Role(StrEnum):
    """What an account may do beside watching; staff actions are audited in the account they touch."""

    MEMBER = "member"
    SUPPORT = "support"
    ADMIN = "admin"


class Origin(StrEnum):
    """Where an account comes from; whose viewing counts is decided by it (settings.viewing.Audience)."""

    DEMO = "demo"
    ACCOUNT = "account"
    SIMULATED = "simulated"
    IMPORTED = "imported"


@dataclass(frozen=True)
class Caller:
    """Where a request comes from: what a back-off counts by, and what a member sees in the list of devices.

    `network` is an IPv4 address, or the first 64 bits of an IPv6 address.
    """

    network: str
    device: str = "unknown"  # tv, desktop, tablet, phone, unknown
    name: str = ""  # of the browser or app, in words
    country: str = "ZZ"


@dataclass(frozen=True)
class Member:
    """An account that is signed in on a device, acting for one of its profiles once it has chosen one."""

    account_id: int
    device_id: int
    profile_id: int | None = None


@dataclass(frozen=True)
class PasskeyAnswer:
    """What a browser has answered with a passkey, in Web Authentication's JSON, and the challenge as we signed it."""

    challenge: str
    credential: dict[str, Any]


Proof = str | PasskeyAnswer  # what an owner is known by once more: the account's password, or one of its passkeys


class AuditKind(StrEnum):
    """What a member reads in the account's audit trail."""

    SIGNED_UP = "signed-up"
    EMAIL_VERIFIED = "email-verified"
    LOGGED_IN = "logged-in"
    LOGIN_FAILED = "login-failed"
    LOGGED_OUT = "logged-out"
    LOGGED_OUT_EVERYWHERE = "logged-out-everywhere"
    TOKEN_REUSED = "token-reused"  # noqa: S105
    DEVICE_REMOVED = "device-removed"
    PASSWORD_CHANGED = "password-changed"  # noqa: S105
    PASSWORD_RESET = "password-reset"  # noqa: S105
    EMAIL_CHANGE_ASKED = "email-change-asked"
    EMAIL_CHANGED = "email-changed"
    TOTP_ON = "totp-on"
    TOTP_OFF = "totp-off"
    RECOVERY_CODE_USED = "recovery-code-used"
    LOCKED = "locked"
    UNLOCKED = "unlocked"
    ROLE_GIVEN = "role-given"
    PASSKEY_ADDED = "passkey-added"
    PASSKEY_REMOVED = "passkey-removed"
    PROVIDER_LINKED = "provider-linked"
    PLAN_CHANGED = "plan-changed"
    PLAN_CANCELED = "plan-canceled"
    PLAN_KEPT = "plan-kept"
    EXPORTED = "exported"
    EXPORT_ASKED = "export-asked"
    EXPORT_FETCHED = "export-fetched"
    DELETION_ASKED = "deletion-asked"
    DELETION_TAKEN_BACK = "deletion-taken-back"


class MailKind(StrEnum):
    """The messages there are; each has its words in every language of marquee/members/mail/texts."""

    VERIFY = "verify"
    ALREADY_REGISTERED = "already-registered"
    RESET = "reset"
    PASSWORD_CHANGED = "password-changed"  # noqa: S105
    NEW_DEVICE = "new-device"
    EMAIL_CHANGE_OLD = "email-change-old"
    EMAIL_CHANGE_NEW = "email-change-new"
    EMAIL_CHANGED = "email-changed"
    DELETION_ASKED = "deletion-asked"
    DELETED = "deleted"
    TOTP_ON = "totp-on"
    TOTP_OFF = "totp-off"
    PASSKEY_ADDED = "passkey-added"
    PASSKEY_REMOVED = "passkey-removed"
    PROVIDER_LINKED = "provider-linked"
    SUBSCRIBED = "subscribed"
    PAYMENT_FAILED = "payment-failed"
    PAYMENT_RECEIVED = "payment-received"
    PLAYBACK_STOPPED = "playback-stopped"
    PLAN_ENDED = "plan-ended"
    EXPORT_READY = "export-ready"


class LinkPurpose(StrEnum):
    """What a link in a message is for."""

    VERIFY = "verify"
    RESET = "reset"
    EMAIL_CHANGE_OLD = "email-change-old"
    EMAIL_CHANGE_NEW = "email-change-new"
    EXPORT = "export"


class ExportState(StrEnum):
    """How it stands with the copy of what is kept of a member."""

    ASKED = "asked"
    MAKING = "making"
    READY = "ready"
    EXPIRED = "expired"
    FAILED = "failed"
