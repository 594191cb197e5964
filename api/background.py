"""What processes of the API do beside their requests: sends e-mail, reads what was paid, shows releases at their
moment, tidies up."""

import asyncio
from datetime import UTC, datetime, timedelta

from marquee.catalogue import releases, search
from marquee.catalogue.database import begin
from marquee.logs import log
from marquee.members import back_off, passkeys, territories
from marquee.members.accounts import deletion
from marquee.members.billing import sync
from marquee.members.mail import sending

MAIL_PAUSE_S, BILLING_PAUSE_S, SCHEDULE_PAUSE_S, FOLLOW_PAUSE_S = 1.0, 1.0, 5.0, 5.0
TIDY_PAUSE_S = 3600.0
MISSES_DAYS = 400


async def read_customers() -> float:
    """Read again the customers that the payment provider has reported."""
    return 0 if await asyncio.to_thread(sync.read_due) else BILLING_PAUSE_S


async def send_mail() -> float:
    """Send what is due; how long to wait before the next time."""
    mails = await asyncio.to_thread(sending.take)
    for mail in mails:
        await sending.send(mail)
    return 0 if mails else MAIL_PAUSE_S


async def publish_scheduled() -> float:
    """Note that viewers get the releases whose scheduled moment has come: answers know it already."""
    await asyncio.to_thread(_publish_scheduled)
    return SCHEDULE_PAUSE_S


def _publish_scheduled() -> None:
    with begin() as session:
        shown = releases.show_due(session)
    for slug, release_id in shown:
        log.info("publish", title=slug, release_id=release_id, by="schedule")


async def forget_failures() -> float:
    """Delete counts of failures and answered challenges that no longer matter."""
    await asyncio.to_thread(back_off.forget_old)
    await asyncio.to_thread(passkeys.forget_spent)
    return TIDY_PAUSE_S


async def forget_misses() -> float:
    """Delete counts of searches without a result that are older than anybody asks about."""
    await asyncio.to_thread(_forget_misses)
    return TIDY_PAUSE_S


def _forget_misses() -> None:
    with begin() as session:
        search.forget_misses(session, datetime.now(UTC).date() - timedelta(days=MISSES_DAYS))


async def delete_accounts() -> float:
    """Delete accounts whose days of grace are over."""
    return 0 if await asyncio.to_thread(deletion.erase_due) else TIDY_PAUSE_S


async def follow_territories() -> float:
    """Take up a database of countries that was replaced."""
    return FOLLOW_PAUSE_S if await asyncio.to_thread(territories.follow) else TIDY_PAUSE_S
