"""Sends what is queued; a message that cannot be handed over is tried again, up to an hour apart.

Any number of processes may send: each takes messages for a while, and what a killed one has taken is due again after
that. So a message may come twice, and never not at all. The links are made here, when a message is sent, so that the
queue holds none; their addresses come from the settings, never from a request.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from email.message import EmailMessage
from urllib.parse import parse_qs, urlsplit

import aiosmtplib
from sqlalchemy.orm import Session

from marquee.catalogue import accounts, mails, one_time_links
from marquee.catalogue.database import begin
from marquee.catalogue.models import MailRow
from marquee.contracts.errors import Unavailable
from marquee.contracts.members import LinkPurpose, MailKind
from marquee.logs import log
from marquee.members.mail.writing import write
from marquee.settings import settings

BATCH = 20
LEASE = timedelta(minutes=2)
TIMEOUT_S = 20
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=5), timedelta(hours=1)
LINKS = {  # kind: purpose of its link, page of the web app, hours
    MailKind.VERIFY: (LinkPurpose.VERIFY, "/verify", 72),
    MailKind.RESET: (LinkPurpose.RESET, "/reset", 2),
    MailKind.EMAIL_CHANGE_OLD: (LinkPurpose.EMAIL_CHANGE_OLD, "/confirm-address", 24),
    MailKind.EMAIL_CHANGE_NEW: (LinkPurpose.EMAIL_CHANGE_NEW, "/confirm-address", 24),
    MailKind.EXPORT_READY: (LinkPurpose.EXPORT, "/your-data", 7 * 24),
}
PAGES = {
    MailKind.ALREADY_REGISTERED: "/sign-in",
    MailKind.PASSWORD_CHANGED: "/forgotten",
    MailKind.NEW_DEVICE: "/account",
    MailKind.DELETION_ASKED: "/account",
    MailKind.TOTP_ON: "/account",
    MailKind.TOTP_OFF: "/account",
    MailKind.PASSKEY_ADDED: "/account",
    MailKind.PASSKEY_REMOVED: "/account",
    MailKind.PROVIDER_LINKED: "/account",
    MailKind.PAYMENT_FAILED: "/plan",
    MailKind.PLAYBACK_STOPPED: "/plan",
    MailKind.PLAN_ENDED: "/plan",
}


def take() -> Sequence[MailRow]:
    """Messages to send now; they are this process's until the lease ends."""
    with begin() as session:
        return mails.take(session, BATCH, LEASE)


async def send(mail: MailRow) -> None:
    """Write and hand over one message, and take note of how it went; whatever goes wrong, the message is kept."""
    try:
        if message := await asyncio.to_thread(written, mail):
            await _hand_over(message)
    except Exception as error:  # a message that cannot be written must not keep the others waiting
        pause = min(FIRST_PAUSE * 2 ** min(mail.tries, 20), LONGEST_PAUSE)
        log.warning("mail not sent", kind=mail.kind, tries=mail.tries + 1, error=type(error).__name__)
        await asyncio.to_thread(_put_off, mail.id, type(error).__name__, pause)
    else:
        await asyncio.to_thread(_sent, mail.id)


def _put_off(mail_id: int, error: str, pause: timedelta) -> None:
    with begin() as session:
        mails.put_off(session, mail_id, error, pause)


def _sent(mail_id: int) -> None:
    with begin() as session:
        mails.sent(session, mail_id)


def written(mail: MailRow) -> EmailMessage | None:
    """The message with its link; None for an address that has no account, and so gets none."""
    kind = MailKind(mail.kind)
    with begin() as session:
        account_id, language = _recipient(session, mail)
        if account_id is None:
            return None
        link, hours = _link(session, kind, account_id, mail)
    sender = settings().mail_from
    return write(kind, mail.address, sender=sender, language=language, link=link, hours=hours, details=mail.details)


def _recipient(session: Session, mail: MailRow) -> tuple[int | None, str]:
    if mail.account_id is not None:
        return mail.account_id, mail.language
    account = accounts.by_address(session, mail.address)
    return (account.id, account.language) if account else (None, mail.language)


def _link(session: Session, kind: MailKind, account_id: int, mail: MailRow) -> tuple[str, int]:
    site = settings().api_url
    if kind not in LINKS:
        return (f"{site}{PAGES[kind]}" if kind in PAGES else ""), 0
    purpose, page, hours = LINKS[kind]
    token = one_time_links.create(session, account_id, purpose, timedelta(hours=hours), **mail.details)
    return f"{site}{page}#{token}", hours  # behind the #, so that it stays out of servers' logs and of referrers


@dataclass(frozen=True)
class Server:
    """A mail server: STARTTLS is asked of it where the URL says so, TLS from the start with smtps."""

    host: str
    port: int
    user: str | None
    password: str | None
    tls: bool
    starttls: bool


def server() -> Server:
    """The mail server of the settings; the embedded catcher where there is none. Raises Unavailable in production."""
    s = settings()
    url = s.smtp_url.get_secret_value()
    if not url and s.profile == "production":
        raise Unavailable("no mail server is set", where="MARQUEE_SMTP_URL", expected="smtp://host:port")
    parts = urlsplit(url or f"smtp://127.0.0.1:{s.port_smtp}")
    tls = parts.scheme == "smtps"
    starttls = "starttls" in parse_qs(parts.query, keep_blank_values=True)
    port = parts.port or (465 if tls else 587 if starttls else 25)
    return Server(parts.hostname or "", port, parts.username, parts.password, tls, starttls)


async def _hand_over(message: EmailMessage) -> None:
    to = server()
    await aiosmtplib.send(
        message,
        hostname=to.host,
        port=to.port,
        username=to.user,
        password=to.password,
        use_tls=to.tls,
        start_tls=to.starttls,
        timeout=TIMEOUT_S,
    )
