"""The account of who is signed in, as the API shows it."""

from api.accounts.schemas import Account, AuditEntry, AuditPage, Device, DeviceList, Passkey, PasskeyList
from marquee.catalogue import accounts, audit, second_factors
from marquee.catalogue import passkeys as rows
from marquee.catalogue.database import begin
from marquee.catalogue.models import PasskeyRow
from marquee.contracts.members import AuditKind, Member, Role
from marquee.members import passkeys
from marquee.members.sign_in import devices

PAGE = 50


def account(member: Member) -> Account:
    """The account itself."""
    with begin() as session:
        row = accounts.get(session, member.account_id)
        return Account(
            account_id=row.id,
            email=row.email,
            email_verified=row.email_verified_at is not None,
            language=row.language,
            role=Role(row.role),
            created_at=row.created_at,
            delete_at=row.delete_at,
            password=row.password_hash is not None,
            passkeys=len(rows.listed(session, row.id)),
            totp=second_factors.totp_asked(session, row.id),
            recovery_codes_left=second_factors.recovery_codes_left(session, row.id),
        )


def passkey(row: PasskeyRow) -> Passkey:
    """As its owner sees it."""
    return Passkey(passkey_id=row.id, name=row.name, created_at=row.created_at, used_at=row.used_at)


def passkey_list(member: Member) -> PasskeyList:
    """What it is signed in to by."""
    return PasskeyList(items=[passkey(row) for row in passkeys.listed(member)])


def device_list(member: Member) -> DeviceList:
    """Where it is signed in."""
    return DeviceList(
        items=[
            Device(
                device_id=row.id,
                kind=row.kind,
                name=row.name,
                country=row.country,
                signed_in_at=row.created_at,
                seen_at=row.seen_at,
                current=row.id == member.device_id,
            )
            for row in devices.listed(member)
        ]
    )


def audit_page(member: Member, before: int | None) -> AuditPage:
    """A page of what happened to it."""
    with begin() as session:
        rows = audit.listed(session, member.account_id, before=before, limit=PAGE + 1)
    items = [
        AuditEntry(
            at=row.at,
            kind=AuditKind(row.kind),
            device=row.device,
            country=row.country,
            actor=row.actor,
            detail=row.detail,
        )
        for row in rows[:PAGE]
    ]
    return AuditPage(items=items, next_before=rows[PAGE - 1].id if len(rows) > PAGE else None)
