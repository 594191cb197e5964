import pytest

from marquee.content.media.qc.timing import longest_step, timing, usual_step


def measures(times: list[float], zero_s: float = 0.0) -> dict[str, object]:
    return timing(times, usual_step(times, 25), zero_s)


@pytest.mark.parametrize("rate", [20, 24000 / 1001, 25, 30000 / 1001, 60])
def test_milliseconds_do_not_make_a_constant_rate_variable(rate: float) -> None:
    found = measures([round(n / rate, 3) for n in range(300)])
    assert found["variable_share"] == 0
    assert found["timestamp_errors"] == 0


def test_a_dropped_frame_is_a_variable_rate_where_it_is_missing() -> None:
    found = measures([10 + n / 25 for n in range(100) if n != 50], zero_s=10)
    assert found["variable_share"] == pytest.approx(1 / 98)
    assert found["variable_s"] == pytest.approx(49 / 25)


def test_times_that_stand_or_go_back_are_errors() -> None:
    found = measures([0, 0.04, 0.08, 0.08, 0.04, 0.12, 0.16])
    assert found["timestamp_errors"] == 2
    assert found["timestamp_error_s"] == 0.08


def test_one_frame_is_no_rate_at_all() -> None:
    assert measures([0.0])["variable_share"] == 0
    assert usual_step([0.0], 25) == 0.04


@pytest.mark.parametrize(
    ("times", "end_s", "expected"), [([1, 2, 5, 6], 7, (3, 1)), ([1, 2, 3], 7, (4, 2)), ([1], 1.04, (0.04, 0))]
)
def test_the_longest_step_may_be_the_last_frame(
    times: list[float], end_s: float, expected: tuple[float, float]
) -> None:
    found = longest_step(times, end_s, zero_s=1)
    assert (found["longest_step_s"], found["longest_step_at_s"]) == pytest.approx(expected)


def test_no_frame_takes_no_step() -> None:
    assert longest_step([], 0.0, 0.0) == {"longest_step_s": 0.0, "longest_step_at_s": None}
