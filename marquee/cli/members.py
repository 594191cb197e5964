"""Commands for support: accounts found, locked, helped. All of it stands in the account's audit trail."""

import getpass
from pathlib import Path
from typing import Annotated

import typer

from marquee.cli.application import cli
from marquee.contracts.members import Role
from marquee.contracts.plans import SubscriptionState

member = typer.Typer(no_args_is_help=True, help="Find and help members.")
cli.add_typer(member, name="member")

Email = Annotated[str, typer.Argument(help="The account's e-mail address.")]


def _by() -> str:
    """Who acts, as the audit trail names them."""
    return f"{getpass.getuser()} (command line)"


@member.command()
def create(
    email: Email,
    role: Annotated[Role, typer.Option(help="What the account may do beside watching.")] = Role.MEMBER,
    password: Annotated[
        str, typer.Option(prompt=True, hide_input=True, confirmation_prompt=True, help="Asked for where it is missing.")
    ] = "",
) -> None:
    """Open an account, such as the first admin's; its address needs no link."""
    from marquee.members import staff

    account_id = staff.create(email, password, role, by=_by())
    typer.echo(f"{email}: {role}, account {account_id}")


@member.command()
def find(email: Email) -> None:
    """What there is to know of an account."""
    from marquee.members import staff

    found = staff.find(email)
    typer.echo(f"{found.email}  account {found.account_id}  {found.role}  since {found.created_at:%Y-%m-%d}")
    typer.echo(f"address {'confirmed' if found.verified else 'not confirmed'}, {found.devices} devices signed in")
    typer.echo(f"authenticator app: {'yes' if found.totp else 'no'}")
    if found.locked:
        typer.echo(f"locked: {found.locked}")


@member.command()
def lock(email: Email, reason: Annotated[str, typer.Option(help="Shown to the member.")]) -> None:
    """Lock an account and sign all its devices out."""
    from marquee.members import staff

    staff.lock(email, reason, by=_by())
    typer.echo(f"{email} is locked")


@member.command()
def unlock(email: Email) -> None:
    """Let an account in again."""
    from marquee.members import staff

    staff.unlock(email, by=_by())
    typer.echo(f"{email} is unlocked")


@member.command()
def reset_mfa(email: Email) -> None:
    """Ask for no codes any more: for who has lost app and recovery codes."""
    from marquee.members import staff

    staff.remove_second_factor(email, by=_by())
    typer.echo(f"{email} signs in without a code")


@member.command()
def end_sessions(email: Email) -> None:
    """Sign all devices of an account out."""
    from marquee.members import staff

    typer.echo(f"{staff.end_sign_ins(email, by=_by())} devices signed out")


@member.command(name="export")
def export_member(
    email: Email, file: Annotated[Path, typer.Argument(help="The archive to be written, such as member.zip.")]
) -> None:
    """Write all that is kept of a member, from the catalogue and from the lake, as JSON and CSV."""
    from marquee.members import staff
    from marquee.personal import archive

    account_id = staff.note_export(email, by=_by())
    typer.echo(f"{file}: {archive.write(file, account_id)} rows")


@member.command()
def delete(
    email: Email,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Ask nothing.")] = False,
) -> None:
    """Delete an account at once, without days of grace."""
    from marquee.members import staff

    if not yes:
        typer.confirm(f"Delete the account of {email} and all that belongs to it?", abort=True)
    staff.delete(email, by=_by())
    typer.echo(f"{email} is deleted; the next run of viewing_marts takes its profiles out of the lake")


@member.command()
def plan(
    email: Email,
    plan: Annotated[str, typer.Argument(help="The plan's slug, as `marquee member plans` lists them.")],
    state: Annotated[SubscriptionState, typer.Option(help="How it stands.")] = SubscriptionState.ACTIVE,
) -> None:
    """Give an account a plan, without payment."""
    from marquee.members import staff

    staff.give_plan(email, plan, state, by=_by())
    typer.echo(f"{email}: {plan}, {state}")


@member.command()
def reconcile() -> None:
    """Make what is kept of every customer what the payment provider says, as every night."""
    from marquee.members.billing import reconciliation

    done = reconciliation.reconcile(typer.echo)
    typer.echo(f"{done.compared} subscriptions compared, {done.different} differed, {done.read} customers read again")


@member.command()
def plans() -> None:
    """The plans that are offered."""
    from marquee.members import plans

    for each in plans.plans().values():
        trial = f", {each.trial_days} days of trial" if each.trial_days else ""
        typer.echo(f"{each.slug}: {each.height}p, {each.streams} streams, {each.profiles} profiles{trial}")


@member.command()
def role(email: Email, role: Annotated[Role, typer.Argument(help="member, support or admin.")]) -> None:
    """Give an account another role."""
    from marquee.members import staff

    staff.give_role(email, role, by=_by())
    typer.echo(f"{email}: {role}")
