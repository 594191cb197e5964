"""The decision on who may see what; the catalogue's queries agree with it on any catalogue and from any viewpoint."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.rows.catalogue_snapshot import OfferKeeper
from marquee.catalogue import titles
from marquee.catalogue.database import begin
from marquee.catalogue.models import AvailabilityWindow, ReleaseRow, Title, TitleState, TitleText
from marquee.contracts.entitlement import Limits, Membership, Offer, Refusal, StaffPass, Viewpoint
from marquee.contracts.title import MaturityRating
from marquee.members import entitlement
from tests.event_loop import in_loop

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
SOON, LATER = NOW + timedelta(hours=1), NOW + timedelta(hours=2)
PAST, LONG_PAST = NOW - timedelta(hours=1), NOW - timedelta(hours=2)


def offer(**changes: object) -> Offer:
    plain = {"withdrawn": False, "published": True, "rating": MaturityRating.AGE_12, "windows": {"*": ((None, None),)}}
    return Offer(**(plain | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "view", "expected"),
    [
        ({}, Viewpoint(), None),
        ({"withdrawn": True, "published": False}, Viewpoint(), Refusal.WITHDRAWN),
        ({"published": False}, Viewpoint(), Refusal.UNPUBLISHED),
        ({"windows": {"DE": ((None, None),)}}, Viewpoint("FR"), Refusal.TERRITORY),
        ({"windows": {"DE": ((None, None),)}}, Viewpoint("DE"), None),
        ({"windows": {}}, Viewpoint("DE"), Refusal.TERRITORY),
        ({"windows": {"*": ((SOON, LATER),)}}, Viewpoint(), Refusal.WINDOW),
        ({"windows": {"*": ((LONG_PAST, PAST),)}}, Viewpoint(), Refusal.WINDOW),
        ({"windows": {"*": ((NOW, None),)}}, Viewpoint(), None),  # from its first moment on
        ({"windows": {"*": ((None, NOW),)}}, Viewpoint(), Refusal.WINDOW),  # and not at its last
        ({"windows": {"*": ((SOON, None),), "DE": ((PAST, None),)}}, Viewpoint("DE"), None),
        ({}, Viewpoint(age=11), Refusal.MATURITY),
        ({}, Viewpoint(age=12), None),
        ({"rating": MaturityRating.ALL}, Viewpoint(age=0), None),
    ],
)
def test_each_reason(changes: dict[str, object], view: Viewpoint, expected: Refusal | None) -> None:
    assert entitlement.refusal(offer(**changes), view, NOW) is expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, None),
        ({"published": False}, None),
        ({"withdrawn": True, "published": False}, None),
        ({"windows": {}}, None),
        ({"rating": MaturityRating.AGE_18}, None),
        ({"withdrawn": True, "deleting": True}, Refusal.WITHDRAWN),
        ({"release_id": 8}, Refusal.UNPUBLISHED),
        ({"release_id": None}, Refusal.UNPUBLISHED),
    ],
)
def test_staff_watches_the_release_of_its_pass_and_no_other(
    changes: dict[str, object], expected: Refusal | None
) -> None:
    offered = offer(**({"release_id": 7} | changes))
    got = entitlement.may_watch(StaffPass(7, until=SOON), Viewpoint("FR", age=0), offered, (), NOW)
    assert got == (expected or Limits(entitlement.TALLEST, hdr=True, streams=1, until=SOON))
    assert entitlement.may_watch(StaffPass(7, until=NOW), Viewpoint(), offered, (), NOW) in set(Refusal)
    assert entitlement.may_watch(Membership(True, None), Viewpoint(), offered, (), NOW) in set(Refusal)


def test_kids_see_what_is_suitable_up_to_six() -> None:
    ratings = entitlement.viewpoint(territory="*", kids=True).ratings
    assert ratings == [MaturityRating.ALL, MaturityRating.AGE_6]
    assert entitlement.viewpoint(territory="*", kids=False).ratings == list(MaturityRating)


def test_the_catalogues_queries_agree_with_the_decision(catalogue: None) -> None:
    """300 random titles, seen from every place and age: what SQL selects and what rows may show is what is allowed."""
    rng, now = random.Random(9), datetime.now(UTC)
    moments = [None, *(now + timedelta(hours=h) for h in (-2, -1, 1, 2))]
    with begin() as session:
        for n in range(300):
            _add_title(session, n, rng, moments)
    with begin() as session:
        offers = {title.id: titles.offer(title) for title in session.scalars(select(Title)).unique()}
    snapshot = OfferKeeper().refresh()
    for territory in ("ZZ", "DE", "FR"):
        for age in (None, 0, 6, 12, 16, 18):
            view = Viewpoint(territory, age)
            allowed = {id_ for id_, each in offers.items() if entitlement.refusal(each, view, now) is None}
            assert 0 < len(allowed) < 300
            with begin() as session:
                assert set(session.scalars(select(Title.id).where(titles.shown(view, now)))) == allowed
            assert _listed(view) == allowed
            assert set(snapshot.local(territory).served(view).newest) == allowed


def _listed(view: Viewpoint) -> set[int]:
    found = in_loop(
        lambda database: titles.listed(database.ask, query=None, genre=None, before=None, view=view, limit=1000)
    )
    return {each.title_id for each in found}


def _add_title(session: Session, n: int, rng: random.Random, moments: list[datetime | None]) -> None:
    title = Title(
        slug=f"t{n}", kind="film", original_language="en", year=2000, countries=[], fingerprint="f",
        maturity_rating=rng.choice(list(MaturityRating)), state=rng.choice([*[TitleState.PUBLISHED] * 4, *TitleState]),
        texts=[TitleText(language="en", name=f"T {n}")],
    )  # fmt: skip
    title.windows = [
        AvailabilityWindow(territory=rng.choice(["*", "DE", "FR"]), start=rng.choice(moments), end=rng.choice(moments))
        for _ in range(rng.randrange(4))
    ]
    session.add(title)
    session.flush()
    if rng.random() < 0.9:
        release = ReleaseRow(title_id=title.id, plan="p", fingerprint="f", document={"duration_s": 1})
        session.add(release)
        session.flush()
        if rng.random() < 0.8:
            title.current_release_id = release.id
        if rng.random() < 0.4:  # noted as published by nobody yet
            title.scheduled_release_id, title.scheduled_at = release.id, rng.choice(moments[1:])
