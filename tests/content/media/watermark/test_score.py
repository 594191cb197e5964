"""Who is named by a capture: the right session, with a bound on innocent ones that holds."""

import math

import numpy as np
import pytest

from marquee.content.edge.variants import bit, code
from marquee.content.media.watermark.score import FALSE_ALARM, chance, suspects, weights

KEY, RELEASE, MILLION = "a key", 7, 1_000_000


def codes(sessions, segments):
    return [(each, code(KEY, RELEASE, each, segments)) for each in sessions]


def shown(session, segments, clear=6.0):
    """Statistics of a perfect copy of a session's segments."""
    coded = code(KEY, RELEASE, session, segments)
    return [clear * (1 - 2 * bit(coded, n)) for n in range(segments)]


def named(values, sessions):
    found = suspects(values, codes(sessions, len(values)), range(len(values)))
    return [each.session_id for each in found if each.named]


def test_the_bound_is_that_of_coins_where_all_agree():
    """Chernoff's bound comes down to 2^-n there."""
    for n in (10, 40, 100):
        assert chance(n, weights([9.0] * n), 1) == pytest.approx(2.0**-n, rel=0.01)


@pytest.mark.parametrize("kind", ["equal", "mixed"])
def test_the_bound_is_never_below_what_coins_do(kind):
    rng = np.random.default_rng(5)
    weighed = np.ones(30) if kind == "equal" else rng.uniform(-1, 1, 30)
    scores = rng.choice([-1.0, 1.0], (200_000, 30)) @ weighed
    for share in (0.1, 0.3, 0.5, 0.6):
        score = share * np.abs(weighed).sum()
        assert (scores >= score).mean() <= chance(score, weighed, 1)


def test_forty_segments_tell_one_of_a_million_sessions():
    """And 39 do not: 2^-39 × 10^6 is more than a millionth."""
    for segments, enough in ((39, False), (40, True)):
        one = chance(segments, weights(shown(1, segments)), MILLION)
        assert (one < FALSE_ALARM) is enough
    assert math.ceil(math.log2(MILLION / FALSE_ALARM)) == 40


def test_the_session_is_found_among_many_with_a_tenth_of_wrong_bits():
    values = shown(123, 120)
    for n in range(0, 120, 10):
        values[n] *= -1
    found = suspects(values, codes(range(50_000), 120), range(120))
    assert found[0].session_id == 123
    assert (found[0].named, found[1].named) == (True, False)
    assert (found[0].agrees, found[0].read) == (108, 120)


def test_none_of_a_thousand_innocent_captures_names_anybody():
    """Whatever they show: a stranger's copy, noise, or always the same variant."""
    everybody, rng = codes(range(500), 128), np.random.default_rng(1)
    strangers = (shown(10**9 + n, 128) for n in range(400))
    noise = (list(rng.normal(0, 4, 128)) for _ in range(598))
    for values in (*strangers, *noise, [9.0] * 128, [-9.0] * 128):
        assert not any(each.named for each in suspects(values, everybody, range(128)))


@pytest.mark.parametrize("how", ["averaged", "alternated"])
def test_both_of_two_who_mix_their_copies_are_named(how):
    segments, rng, trials = 300, np.random.default_rng(2), 20
    for trial in range(trials):
        one, other = 2 * trial, 2 * trial + 1
        first, second = (np.array(shown(each, segments)) for each in (one, other))
        noise = rng.normal(0, 1, segments)
        mixed = (first + second) / 2 if how == "averaged" else np.where(rng.integers(0, 2, segments), first, second)
        assert set(named(list(mixed + noise), range(200))) == {one, other}


def test_segments_that_show_nothing_count_nothing():
    values = shown(5, 60)
    blurred = [each if n % 2 else 0.5 for n, each in enumerate(values)]
    found = suspects(blurred, codes(range(100), 60), range(60))[0]
    assert (found.session_id, found.read, found.agrees) == (5, 30, 30)
