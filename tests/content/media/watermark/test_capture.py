"""What is read of captures: cropped, scaled, encoded anew, at another rate, from the middle, or of another film."""

import pytest

from marquee.content.media.watermark import reader
from marquee.contracts.errors import InvalidInput
from marquee.contracts.plan import Variant
from tests.content.media.watermark.conftest import KEY

SURE = 3.0  # standard deviations: exp(-3² / 2) = 1.1 % bounds the chance of a wrong bit


def values(marked, film, scratch, key=KEY, **part):
    return reader.read(marked.plan, film, key, marked.mezzanine, marked.work, scratch, **part)


@pytest.mark.parametrize(("variant", "sign"), [(Variant.A, 1), (Variant.B, -1)])
def test_the_bits_of_a_hard_capture_are_read(marked, capture, tmp_path, variant, sign):
    """Cropped by 10 %, scaled, 25 to 30 frames a second, half the bitrate, with little of the first segment."""
    film = marked.variants[variant]
    half = film.stat().st_size * 8 // marked.plan.picture.frames * 25 // 2
    filters = "crop=iw*0.9:ih*0.9:iw*0.03:ih*0.07,scale=854:480,fps=30"
    found = values(marked, capture(film, filters, "-b:v", half, start_s=1.3), tmp_path)
    assert found.begins_s == pytest.approx(1.3, abs=0.06)
    assert found.area == pytest.approx((0.03, 0.07, 0.93, 0.97), abs=0.01)
    assert [each.segment for each in found.segments] == [1, 2, 3]
    assert min(sign * each.value for each in found.segments) > SURE


def test_a_film_without_the_watermark_shows_nothing(marked, tmp_path):
    """Nor does the watermark of another key, which is why a key's name is asked for first."""
    source = marked.mezzanine.fetch(marked.plan.mezzanine_key)
    found = values(marked, source, tmp_path)
    assert max(abs(each.value) for each in found.segments) < SURE
    with pytest.raises(InvalidInput, match="not readable with this key"):
        values(marked, source, tmp_path, key="another")


def test_the_mean_of_both_variants_shows_nothing(marked, tmp_path):
    from marquee.tools.binaries import ffmpeg
    from marquee.tools.process import run

    mixed = tmp_path / "mixed.mp4"
    films = [word for film in marked.variants.values() for word in ("-i", str(film))]
    run([ffmpeg(), "-v", "error", *films, "-lavfi", "blend=all_mode=average", str(mixed)], timeout_s=120)
    found = values(marked, mixed, tmp_path)
    assert sum(abs(each.value) for each in found.segments) / len(found.segments) < SURE / 2


def test_another_film_is_refused(marked, make_clip, tmp_path):
    with pytest.raises(InvalidInput, match="the pictures differ"):
        values(marked, make_clip("other.mp4", seconds=6), tmp_path)


def test_what_is_no_film_is_refused(marked, tmp_path):
    listing = tmp_path / "film.mp4"
    listing.write_text(f"ffconcat version 1.0\nfile {marked.variants[Variant.A]}\n")
    with pytest.raises(Exception, match=r"Format not on whitelist|Invalid data"):
        values(marked, listing, tmp_path)
