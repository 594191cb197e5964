"""Messages: their words in all languages, their links, and the queue that loses none."""

import asyncio
from datetime import UTC, datetime, timedelta
from string import Formatter

import aiosmtplib
import pytest

from marquee.catalogue import mails
from marquee.catalogue.database import begin
from marquee.catalogue.models import MailRow
from marquee.contracts.errors import Unavailable
from marquee.contracts.members import MailKind
from marquee.members.mail import sending, writing
from marquee.settings import settings
from tests.plugin_mail import Mailbox, text_of

ADA = "ada@example.org"


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("language", writing.LANGUAGES)
def test_every_language_has_every_message_with_the_same_values(language: str) -> None:
    english, other = writing.words("en"), writing.words(language)
    assert set(other) == set(english) == {"greeting", "closing", "ignore", "expires", *MailKind}
    for kind in MailKind:
        assert set(other[kind]) == set(english[kind]), kind
        assert fields(other[kind]["text"]) == fields(english[kind]["text"]), kind


@pytest.mark.parametrize(("asked", "greeting"), [("de-AT", "Guten Tag,"), ("fr", "Hello,"), ("EN", "Hello,")])
def test_a_language_without_words_gets_english(asked: str, greeting: str) -> None:
    message = writing.write(MailKind.VERIFY, ADA, sender="Marquee <a@b.example>", language=asked, details={})
    assert text_of(message).startswith(greeting)


def test_what_people_typed_is_escaped_in_html_and_breaks_no_header() -> None:
    details = {"device": "<script>alert(1)</script>\r\nBcc: eve@example.org"}
    message = writing.write(MailKind.NEW_DEVICE, ADA, sender="Marquee <a@b.example>", language="en", details=details)
    html = message.get_body(("html",))
    assert html is not None
    assert "<script>" not in html.get_content()
    assert message["bcc"] is None


def put(kind: MailKind = MailKind.VERIFY) -> None:
    with begin() as session:
        mails.put(session, kind, ADA, account_id=7, language="en")


def waiting() -> list[MailRow]:
    with begin() as session:
        return list(session.query(MailRow).all())


def test_a_message_that_was_taken_by_a_killed_process_is_due_again(mailbox: Mailbox) -> None:
    put()
    assert len(sending.take()) == 1
    assert sending.take() == []  # leased
    with begin() as session:
        session.query(MailRow).update({"due_at": datetime.now(UTC) - timedelta(seconds=1)})
    (mail,) = sending.take()
    asyncio.run(sending.send(mail))
    assert mailbox.to(ADA)
    assert waiting() == []


def test_two_processes_never_take_the_same_message(catalogue: None) -> None:
    for _ in range(30):
        put()
    taken = [mail.id for _ in range(3) for mail in sending.take()]
    assert len(taken) == len(set(taken)) == 30


def test_pauses_grow_to_an_hour_and_nothing_is_given_up(catalogue: None, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fails(*_: object, **__: object) -> None:
        raise aiosmtplib.SMTPServerDisconnected("gone")

    monkeypatch.setattr("aiosmtplib.send", fails)
    put()
    pauses = []
    for _ in range(14):
        with begin() as session:
            session.query(MailRow).update({"due_at": datetime.now(UTC)})
        (mail,) = sending.take()
        asyncio.run(sending.send(mail))
        pauses.append((waiting()[0].due_at - datetime.now(UTC)).total_seconds())
    assert pauses[:4] == pytest.approx([5, 10, 20, 40], abs=1)
    assert pauses[-1] == pytest.approx(3600, abs=1)
    assert waiting()[0].tries == 14


def test_a_message_that_cannot_be_written_keeps_no_other_waiting(mailbox: Mailbox) -> None:
    put(MailKind.NEW_DEVICE)  # without the device that its words name
    put()
    for mail in sending.take():
        asyncio.run(sending.send(mail))
    assert mailbox.to(ADA, "Confirm")
    (left,) = waiting()
    assert (left.kind, left.tries, left.last_error) == ("new-device", 1, "KeyError")


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("", ("127.0.0.1", 1025, None, None, False, False)),
        ("smtp://mail.example", ("mail.example", 25, None, None, False, False)),
        ("smtp://u:p@mail.example?starttls", ("mail.example", 587, "u", "p", False, True)),
        ("smtps://u:p@mail.example", ("mail.example", 465, "u", "p", True, False)),
        ("smtps://mail.example:2465", ("mail.example", 2465, None, None, True, False)),
    ],
)
def test_the_server_of_the_settings(url: str, server: tuple[object, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MARQUEE_SMTP_URL", url)
    settings.cache_clear()
    assert sending.server() == sending.Server(*server)  # type: ignore[arg-type]
    settings.cache_clear()


def test_a_production_without_a_server_lets_messages_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    class Production:
        profile = "production"
        smtp_url = settings().smtp_url

    monkeypatch.setattr(sending, "settings", Production)
    with pytest.raises(Unavailable, match="MARQUEE_SMTP_URL"):
        sending.server()
