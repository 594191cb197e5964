"""Labels of rating boards become ages of the platform, never lower ones than the strictest of them asks for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from marquee.contracts import ratings
from marquee.contracts.ratings import BOARDS
from marquee.contracts.title import Description, MaturityRating

SAID = {"texts": {"en": {"title": "The Lantern"}}, "year": 1999}
RATED = st.fixed_dictionaries({}, optional={name: st.sampled_from(sorted(b.ages)) for name, b in BOARDS.items()})


@given(RATED)
def test_without_an_age_a_title_is_for_whom_every_board_allows_it(labels: dict[str, str]) -> None:
    described = Description.model_validate(SAID | {"ratings": labels})
    asked = [MaturityRating(BOARDS[name].ages[label]).age for name, label in labels.items()]
    assert described.maturity_rating.age == max(asked, default=0)
    assert Description.model_validate(SAID | {"ratings": labels, "maturity_rating": "6"}).maturity_rating.age == 6
    assert Description.model_validate_json(described.model_dump_json()) == described


def test_ages_of_a_board_rise_and_its_labels_are_known_whatever_their_case() -> None:
    for board in BOARDS.values():
        ages = [MaturityRating(age).age for age in board.ages.values()]
        assert ages == sorted(ages)
        for label in board.ages:
            assert ratings.age_of(label.lower()) == ratings.age_of(label) is not None
    assert ratings.age_of("unheard of") is None


@pytest.mark.parametrize("wrong", [{"fsk": "13"}, {"imdb": "8"}, {"fsk": ""}, {"mpa": "pg-13"}])
def test_no_other_board_and_no_other_label(wrong: dict[str, str]) -> None:
    with pytest.raises(ValidationError) as refused:
        Description.model_validate(SAID | {"ratings": wrong})
    assert refused.value.errors()[0]["loc"][0] == "ratings"


def test_viewers_see_the_label_of_their_own_board() -> None:
    labels = {"fsk": "12", "tvpg": "TV-14"}
    told = {territory: ratings.shown_in(territory, labels) for territory in ("DE", "US", "FR", "*")}
    assert told == {"DE": "FSK 12", "US": "TV-14", "FR": None, "*": None}
