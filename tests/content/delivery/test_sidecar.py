import time

import pytest

from marquee.content.delivery.sidecar import load_sidecar
from marquee.contracts.errors import DeliveryRefused


def load(tmp_path, text):
    folder = tmp_path / "my-film"
    folder.mkdir(exist_ok=True)
    (folder / "title.yaml").write_bytes(text if isinstance(text, bytes) else text.encode())
    return load_sidecar(folder)


def refused(tmp_path, text) -> DeliveryRefused:
    with pytest.raises(DeliveryRefused) as caught:
        load(tmp_path, text)
    return caught.value


def test_three_lines_are_enough(tmp_path):
    metadata = load(tmp_path, "title: Sinbad\nyear: 1936\nmedia: film.mov\n")
    assert (metadata.slug, metadata.name, metadata.year, metadata.media) == ("my-film", "Sinbad", 1936, "film.mov")


def test_short_and_long_forms_mean_the_same(tmp_path):
    short = load(tmp_path, "title: Le film\nsynopsis: Une histoire\noriginal_language: fr\nyear: 2000\nmedia: a.mov")
    texts = "texts: {fr: {title: Le film, synopsis: Une histoire}}"
    assert short == load(tmp_path, f"{texts}\noriginal_language: fr\nyear: 2000\nmedia: a.mov")


def test_words_stay_words(tmp_path):
    """YAML 1.1 would make these a number, a boolean and a sexagesimal."""
    text = "title: 1917\nyear: 1917\nmedia: a.mov\ncountries: [NO]\ncredits: [{name: 12:30:45, role: actor}]"
    metadata = load(tmp_path, text)
    assert (metadata.name, metadata.countries, metadata.credits[0].name) == ("1917", ("NO",), "12:30:45")


def test_dates_without_a_zone_are_utc(tmp_path):
    text = "title: x\nyear: 2000\nmedia: a\navailability: [{start: 2026-01-01, end: 2026-01-02T00:00:00+09:00}]"
    window = load(tmp_path, text).availability[0]
    assert window.start.isoformat() == "2026-01-01T00:00:00+00:00"


def test_metadata_round_trips(tmp_path):
    text = "title: x\nyear: 2000\nmedia: a\nsubtitles: [{file: a.srt, language: en}]\nmarks: {intro_end_s: 12.5}"
    metadata = load(tmp_path, text)
    assert type(metadata).model_validate_json(metadata.model_dump_json()) == metadata


def test_all_problems_are_told_at_once_and_the_first_by_field(tmp_path):
    error = refused(tmp_path, "texts: {en: {synopsis: s}}\nyear: 1800\nmedia: a.mov\nyaer: 1936\ngenres: [Drama]")
    assert error.code == "sidecar-invalid"
    assert (error.where, error.expected, error.got) == ("title.yaml: texts.en.title", "a value", "nothing")
    for field in ("year: ", "yaer: not a field", "genres.0: "):
        assert f"also {field}" in error.what


def test_a_value_is_told_with_what_was_expected(tmp_path):
    error = refused(tmp_path, "title: x\nyear: 1800\nmedia: a.mov")
    assert error.where == "title.yaml: year"
    assert (error.expected, error.got) == ("greater than or equal to 1874", "'1800'")


@pytest.mark.parametrize(
    ("text", "where", "what"),
    [
        ("title: a\ntitle: b", "title.yaml: title", "given twice"),
        ("texts: {en: {title: a, title: b}}", "title.yaml: texts.en.title", "given twice"),
        ("a: &x 1\nb: *x", "title.yaml: line 2", "aliases"),
        ("a: [", "title.yaml: line 1", "not YAML"),
        ("just words", "title.yaml", "not a mapping"),
        ("a: 1\n---\nb: 2", "title.yaml: line 2", "not YAML"),
        (b"\xff\xfe\x00", "title.yaml", "not YAML"),
        ('title: "a\\0b"\nyear: 2000\nmedia: a', "title.yaml: texts.en.title", "does not hold"),
        ("title: a\ntexts: {en: {title: b}}\nyear: 2000\nmedia: a", "title.yaml: texts", "original language"),
        ("slug: other\ntitle: a\nyear: 2000\nmedia: a", "title.yaml: slug", "delivery folder"),
        ("title: a\nyear: 2000\nmedia: a\nkind: episode", "title.yaml", "episode"),
        ("title: a\nyear: 2000\nmedia: a\nkind: trailer", "title.yaml", "trailer_of"),
        ("title: a\nyear: 2000\nmedia: a\nkind: trailer\ntrailer_of: my-film", "title.yaml", "another title"),
        ("title: a\nyear: 2000\nmedia: a\nmarks: {intro_start_s: 9, intro_end_s: 3}", "title.yaml: marks", "follow"),
        (
            "title: a\nyear: 2000\nmedia: a\n"
            "marks: {chapters: [{start_s: 9, titles: {en: x}}, {start_s: 9, titles: {en: y}}]}",
            "title.yaml: marks",
            "follow",
        ),
        (
            "title: a\nyear: 2000\nmedia: a\nmarks: {chapters: [{start_s: 9, titles: {}}]}",
            "title.yaml: marks.chapters.0.titles",
            "",
        ),
        ("title: a\nyear: 2000\nmedia: a\nmarks: {intro_start_s: nan}", "title.yaml: marks.intro_start_s", "not hold"),
    ],
)
def test_what_does_not_hold_is_named(tmp_path, text, where, what):
    error = refused(tmp_path, text)
    assert (error.code, error.where) == ("sidecar-invalid", where)
    assert what in error.what


@pytest.mark.parametrize("name", ["../film.mov", "/etc/passwd", "-i", "..", ".done", "a/b.mov", "a\\\\b", "a\\nb"])
def test_names_that_are_no_bare_file_names(tmp_path, name):
    error = refused(tmp_path, f'title: x\nyear: 1800\nmedia: a.mov\nartwork: {{poster: "{name}"}}')
    assert (error.code, error.where) == ("unsafe-name", "title.yaml: artwork.poster")


def test_an_object_tag_builds_no_object(tmp_path):
    error = refused(tmp_path, f"!!python/object/apply:os.mkdir ['{tmp_path}/made']")
    assert error.code == "sidecar-invalid"
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize(
    "text",
    [
        "[" * 1_000_000,
        "- " * 500_000,
        "{a: " * 250_000,
        "? a\n" * 250_000,
        "x: [" + "a," * 500_000 + "]",
        "x: " + "1:59" * 250_000,
    ],
)
def test_bombs_are_refused_in_little_time(tmp_path, text):
    started = time.process_time()
    assert refused(tmp_path, text).code == "sidecar-invalid"
    assert time.process_time() - started < 5


def test_a_sidecar_has_a_size_limit(tmp_path):
    assert refused(tmp_path, "#" * (1024 * 1024 + 1)).code == "too-large"
