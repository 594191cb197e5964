"""Bytes as text: every rule of the order, and a law for the encodings that subtitles were written in before Unicode."""

import pytest

from marquee.contracts.errors import InvalidInput
from marquee.tools.text import BY_LANGUAGE, WESTERN, decode

SENTENCES = {
    "pl": "Zażółć gęślą jaźń. Gdzie jesteś? Świetnie, dziękuję!",
    "cs": "Příliš žluťoučký kůň úpěl ďábelské ódy. Kde jsi byl?",
    "hu": "Árvíztűrő tükörfúrógép. Hol voltál tegnap este?",
    "ru": "Съешь же ещё этих мягких булок. Где ты был вчера?",
    "bg": "Хълцащ вожд жадно рифува. Къде беше вчера?",
    "uk": "Чуєш їх, доцю? Кумедна ж ти, прощайся. Де ти є?",
    "el": "Ξεσκεπάζω την ψυχοφθόρα βδελυγμία. Πού ήσουν χθες;",
    "tr": "Pijamalı hasta yağız şoföre çabucak güvendi. Neredeydin dün gece?",
    "ar": "صِف خَلقَ خَودِ كَمِثلِ الشَمسِ. أين كنت أمس؟",
    "he": "דג סקרן שט בים מאוכזב ולפתע מצא לו חברה",
    "ja": "いろはにほへと ちりぬるを。昨日はどこにいましたか？",
    "zh": "我能吞下玻璃而不伤身体。你昨天在哪里？谢谢你。",
    "ko": "다람쥐 헌 쳇바퀴에 타고파. 어제 어디 있었어?",
    "de": "Grüße – „Käse“. Zwölf Boxkämpfer jagen Viktor quer über den Sylter Deich",
    "fr": "Voix ambiguë d’un cœur qui au zéphyr préfère les jattes de kiwis",
    "lt": "Įlinkdama fechtuotojo špaga sublykčiojusi pragręžė apvalų arbūzą",
}


def encodable(text: str, encoding: str) -> bool:
    try:
        return bool(text.encode(encoding))
    except UnicodeEncodeError:
        return False


CASES = [
    (language, encoding)
    for language, sentence in SENTENCES.items()
    for encoding in BY_LANGUAGE.get(language, WESTERN)
    if encodable(sentence, encoding)
]


def subrip(sentence: str) -> str:
    return "\n\n".join(f"{n}\n00:00:0{n},000 --> 00:00:0{n},900\n{sentence}" for n in (1, 2))


@pytest.mark.parametrize(("language", "encoding"), CASES, ids=["-".join(case) for case in CASES])
def test_old_encodings_are_read_by_the_language_of_their_track(language: str, encoding: str) -> None:
    text = subrip(SENTENCES[language])
    found = decode(text.replace("\n", "\r\n").encode(encoding), language=f"{language}-XX")
    assert (found.text, found.guessed) == (text, True)


@pytest.mark.parametrize("encoding", ["windows-1251", "cp1250", "iso8859-5", "koi8-r"])
def test_what_a_person_states_is_believed(encoding: str) -> None:
    raw = bytes(range(0xC0, 0xE0))
    found = decode(raw, encoding=encoding, language="fr")
    assert (found.text, found.encoding, found.guessed) == (raw.decode(encoding), encoding, False)


def test_a_mark_outweighs_what_is_stated() -> None:
    for mark in ("utf-8-sig", "utf-16"):
        found = decode("Grüße".encode(mark), encoding="cp1251")
        assert (found.text, found.guessed) == ("Grüße", False)


def test_an_xml_declaration_is_believed_unless_a_person_states_another() -> None:
    xml = '<?xml version="1.0" encoding="{}"?><tt>Grüße</tt>'
    assert decode(xml.format("iso-8859-1").encode("latin-1")).text == xml.format("iso-8859-1")
    assert decode(xml.format("utf-8").encode("cp1252"), encoding="cp1252").text == xml.format("utf-8")


@pytest.mark.parametrize(
    ("raw", "encoding", "says"),
    [
        ("Grüße".encode("cp1252"), "utf-8", "does not hold"),
        (b"a", "klingon", "no such text encoding"),
        (b"a", "hex", "no such text encoding"),
        (b"a", "rot13", "no such text encoding"),
        ('<?xml version="1.0" encoding="utf-8"?><tt>Grüße</tt>'.encode("cp1252"), "", "does not hold"),
    ],
)
def test_a_statement_that_is_wrong_is_an_error(raw: bytes, encoding: str, says: str) -> None:
    with pytest.raises(InvalidInput, match=says):
        decode(raw, encoding=encoding)
