from fractions import Fraction

import pytest
from pydantic import ValidationError

from marquee.contracts.plan import Grid
from marquee.contracts.title import TitleMetadata

BASE = {"slug": "a-film", "media": "a.mp4", "texts": {"en": {"title": "A film"}}, "year": 2026}


def test_rates_stay_exact_through_json() -> None:
    grid = Grid(frame_rate="30000/1001", gop_frames=60, gops_per_segment=2, segments_per_chunk=5)
    assert Grid.model_validate_json(grid.model_dump_json()) == grid
    assert grid.segment_s == Fraction(120 * 1001, 30000)


@pytest.mark.parametrize(
    "change",
    [
        {"slug": "../x"},
        {"media": "-i.mp4"},
        {"media": "a/b.mp4"},
        {"kind": "episode"},
        {"original_language": "de"},
        {"unknown": 1},
        {"availability": [{"start": "2026-02-01T00:00Z", "end": "2026-01-01T00:00Z"}]},
    ],
)
def test_metadata_that_contradicts_itself_is_refused(change: dict[str, object]) -> None:
    TitleMetadata.model_validate(BASE)
    with pytest.raises(ValidationError):
        TitleMetadata.model_validate(BASE | change)
