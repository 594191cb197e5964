"""Sound of every codec stays with the picture at every rate, from a film of flashes and beeps to packaged segments."""

from fractions import Fraction
from pathlib import Path

import pytest

from bench.sync import carry, film, measure
from marquee.contracts.plan import AudioCodec

SECONDS = 5


@pytest.mark.parametrize("rate", ["24000/1001", "25", "30000/1001", "60000/1001"])
def test_every_codec_is_in_step_within_a_frame_and_does_not_drift(rate: str, tmp_path: Path) -> None:
    found = measure(*carry(film(tmp_path, rate, SECONDS), tmp_path))
    assert {name.split("-")[1] for name in found} == {codec.value for codec in AudioCodec}
    frame_ms = float(1000 / Fraction(rate))
    for sync in found.values():
        assert len(sync.offsets) >= SECONDS - 1
        assert sync.worst_ms < min(frame_ms / 4, 5)
        assert abs(sync.drift_ppm) < 100
