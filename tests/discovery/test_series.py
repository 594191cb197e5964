import pytest

from marquee.discovery.series import Place, Why, next_episode

EPISODES = [11, 12, 13]


@pytest.mark.parametrize(
    ("places", "expected"),
    [
        ({}, (11, Why.FIRST)),
        ({11: Place(5, False)}, (11, Why.CONTINUE)),
        ({11: Place(5, True)}, (12, Why.NEXT)),
        ({11: Place(5, False), 12: Place(9, True)}, (13, Why.NEXT)),  # the first was left behind
        ({12: Place(9, True), 11: Place(10, False)}, (11, Why.CONTINUE)),
        ({13: Place(9, True)}, (11, Why.FIRST)),
        ({99: Place(9, True)}, (11, Why.FIRST)),  # one that is not seen any more
    ],
)
def test_it_goes_on_from_what_was_watched_last(places: dict[int, Place], expected: tuple[int, Why]) -> None:
    assert next_episode(EPISODES, places) == expected


def test_there_is_none_without_episodes() -> None:
    assert next_episode([], {}) is None
