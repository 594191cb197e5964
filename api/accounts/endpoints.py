"""/v1/accounts for who has none yet or holds a link; /v1/account for who is signed in."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query

from api.accounts import service
from api.accounts.schemas import (
    Account,
    Address,
    AddressChange,
    AddressChangeByPasskey,
    AuditPage,
    Confirmed,
    Deletion,
    DeviceList,
    Link,
    NewPasskey,
    OwnCode,
    OwnProof,
    Passkey,
    PasskeyList,
    PasswordChange,
    PasswordChangeByPasskey,
    PasswordReset,
    RecoveryCodes,
    Registration,
    TotpProposal,
)
from api.deps import ApiId
from api.members import CallFrom, Costly, PresentMember, evenly
from api.openapi import problems
from api.sign_in.schemas import PasskeyOptions
from marquee.members import passkeys
from marquee.members.accounts import address_changes, deletion, password_changes, registration
from marquee.members.second_factors import authenticator
from marquee.members.sign_in import devices

router = APIRouter(prefix="/v1", tags=["accounts"])
EVEN_S = 0.2  # registration hashes a password, and so takes longer than other requests


@router.post("/accounts", status_code=202, responses=problems(422, 503))
async def open_account(wanted: Registration, caller: CallFrom, costly: Costly) -> None:
    """Open an account; a link in a message confirms the address. An address with an account is answered alike."""
    started = asyncio.get_running_loop().time()
    await costly.run(registration.register, wanted.email, wanted.password, wanted.language, caller)
    await evenly(EVEN_S, started)


@router.post("/accounts/verification", status_code=204, responses=problems(410, 422, 503))
def verify_address(wanted: Link, caller: CallFrom) -> None:
    """Confirm an address by the link of its message."""
    registration.verify(wanted.token, caller)


@router.post("/accounts/forgotten-password", status_code=202, responses=problems(422, 503))
def ask_password_reset(wanted: Address) -> None:
    """Ask for a link by which a new password can be set; sent where the address has an account."""
    password_changes.ask_reset(wanted.email, wanted.language)


@router.post("/accounts/new-password", status_code=204, responses=problems(410, 422, 503))
async def reset_password(wanted: PasswordReset, caller: CallFrom, costly: Costly) -> None:
    """Set a new password by the link. All devices are signed out."""
    await costly.run(password_changes.reset, wanted.token, wanted.password, caller)


@router.post("/accounts/address-confirmation", responses=problems(409, 410, 422, 503))
def confirm_address(wanted: Link, caller: CallFrom) -> Confirmed:
    """Confirm a change of address, by the link at the old or at the new one."""
    return Confirmed(complete=address_changes.confirm(wanted.token, caller))


@router.get("/account", responses=problems(401, 503))
def get_account(member: PresentMember) -> Account:
    """The account of who is signed in."""
    return service.account(member)


@router.post("/account/verification-message", status_code=202, responses=problems(401, 503))
def send_verification(member: PresentMember) -> None:
    """Send the message with the link again."""
    registration.send_again(member.account_id)


@router.put("/account/password", status_code=204, responses=problems(401, 422, 429, 503))
async def change_password(
    member: PresentMember, wanted: PasswordChange | PasswordChangeByPasskey, caller: CallFrom, costly: Costly
) -> None:
    """Set a new password; all other devices are signed out."""
    await costly.run(password_changes.change, member, wanted.proof(), wanted.password, caller)


@router.post("/account/address-change", status_code=202, responses=problems(401, 422, 429, 503))
async def change_address(
    member: PresentMember, wanted: AddressChange | AddressChangeByPasskey, caller: CallFrom, costly: Costly
) -> None:
    """Ask for another address; a link at the old one and a link at the new one confirm it."""
    await costly.run(address_changes.ask, member, wanted.email, wanted.proof(), caller)


@router.get("/account/passkeys", responses=problems(401, 503))
def list_passkeys(member: PresentMember) -> PasskeyList:
    """The passkeys by which the account is signed in to."""
    return service.passkey_list(member)


@router.post("/account/passkeys/options", responses=problems(401, 422, 429, 503))
async def propose_passkey(member: PresentMember, wanted: OwnProof, caller: CallFrom, costly: Costly) -> PasskeyOptions:
    """Begin with a passkey: what the browser's `navigator.credentials.create` is given, and our challenge."""
    return PasskeyOptions(**(await costly.run(passkeys.propose, member, wanted.proof(), caller))._asdict())


@router.post("/account/passkeys/confirmation", responses=problems(401, 503))
def ask_passkey_proof(member: PresentMember) -> PasskeyOptions:
    """Begin to confirm something by a passkey: what `navigator.credentials.get` is given, and our challenge."""
    return PasskeyOptions(**passkeys.ask_proof(member)._asdict())


@router.post("/account/passkeys", status_code=201, responses=problems(401, 409, 422, 503))
def add_passkey(member: PresentMember, wanted: NewPasskey, caller: CallFrom) -> Passkey:
    """Keep what the browser has made."""
    return service.passkey(passkeys.add(member, wanted.challenge, wanted.credential, caller))


@router.post("/account/passkeys/{passkey_id}/removal", status_code=204, responses=problems(401, 404, 422, 429, 503))
async def remove_passkey(
    member: PresentMember, passkey_id: ApiId, wanted: OwnProof, caller: CallFrom, costly: Costly
) -> None:
    """Forget a passkey."""
    await costly.run(passkeys.remove, member, passkey_id, wanted.proof(), caller)


@router.post("/account/deletion", status_code=202, responses=problems(401, 422, 429, 503))
async def ask_deletion(member: PresentMember, wanted: OwnProof, caller: CallFrom, costly: Costly) -> Deletion:
    """Have the account deleted after some days of grace. All other devices are signed out."""
    return Deletion(delete_at=await costly.run(deletion.ask, member, wanted.proof(), caller))


@router.delete("/account/deletion", status_code=204, responses=problems(401, 503))
def take_deletion_back(member: PresentMember, caller: CallFrom) -> None:
    """Keep the account after all."""
    deletion.take_back(member, caller)


@router.get("/account/devices", responses=problems(401, 503))
def list_devices(member: PresentMember) -> DeviceList:
    """Where the account is signed in."""
    return service.device_list(member)


@router.delete("/account/devices/{device_id}", status_code=204, responses=problems(401, 404, 422, 503))
def remove_device(member: PresentMember, device_id: ApiId, caller: CallFrom) -> None:
    """Sign a device out."""
    devices.remove(member, device_id, caller)


@router.get("/account/audit-trail", responses=problems(401, 422, 503))
def list_audit_entries(
    member: PresentMember, before: Annotated[ApiId | None, Query(description="`next_before` of the page before")] = None
) -> AuditPage:
    """What happened to the account, the newest first."""
    return service.audit_page(member, before)


@router.post("/account/totp", status_code=201, responses=problems(401, 409, 422, 429, 503))
async def propose_totp(member: PresentMember, wanted: OwnProof, caller: CallFrom, costly: Costly) -> TotpProposal:
    """Begin with an authenticator app; nothing changes before its first code is confirmed."""
    made = await costly.run(authenticator.propose, member, wanted.proof(), caller)
    return TotpProposal(secret=made.secret, uri=made.uri, qr_svg=made.qr_svg)


@router.post("/account/totp/confirmation", status_code=201, responses=problems(401, 409, 422, 429, 503))
def confirm_totp(member: PresentMember, wanted: OwnCode, caller: CallFrom) -> RecoveryCodes:
    """Confirm the app by a code: from now on log-in asks for one."""
    return RecoveryCodes(codes=authenticator.confirm(member, wanted.code, caller))


@router.post("/account/totp/removal", status_code=204, responses=problems(401, 422, 429, 503))
async def remove_totp(member: PresentMember, wanted: OwnProof, caller: CallFrom, costly: Costly) -> None:
    """Remove the app and the recovery codes."""
    await costly.run(authenticator.remove, member, wanted.proof(), caller)
