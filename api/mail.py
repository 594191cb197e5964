"""Sends queued e-mail beside the requests, in every process of the API."""

import asyncio

from sqlalchemy.exc import SQLAlchemyError

from marquee.logs import log
from marquee.members.mail import sending

PAUSE_S, AFTER_FAULT_S = 1.0, 5.0


async def send_all() -> None:
    """Send what is due, again and again, until this task is cancelled."""
    while True:
        try:
            mails = await asyncio.to_thread(sending.take)
            for mail in mails:
                await sending.send(mail)
        except SQLAlchemyError as error:
            log.warning("mail queue not read", error=type(error).__name__)
            await asyncio.sleep(AFTER_FAULT_S)
        else:
            await asyncio.sleep(0 if mails else PAUSE_S)
