"""Profiles. Until there are accounts, they can be made, changed and deleted in the demo only."""

from api.profiles.schemas import NewProfile, Profile, ProfileList
from api.visibility import view_of
from marquee.catalogue import profiles
from marquee.catalogue.database import begin
from marquee.catalogue.models import ProfileRow
from marquee.contracts.errors import Forbidden


def list_all() -> ProfileList:
    """Those that may be chosen; the anonymous one is made where it is missing."""
    with begin() as session:
        profiles.demo_profile(session)
        rows = profiles.listed(session)
        picks = profiles.picks(session, [row.id for row in rows])
    return ProfileList(items=[_shown(row, picks.get(row.id, [])) for row in rows], can_create=profiles.everybody())


def create(wanted: NewProfile) -> Profile:
    """A new viewer. Raises Forbidden outside the demo, Conflict for one too many, NotFound for an unknown pick."""
    _demo_only()
    with begin() as session:
        row = profiles.create(session, name=wanted.name, languages=wanted.languages, kids=wanted.kids)
        profiles.set_picks(session, row.id, wanted.picks, view_of(kids=row.kids))
    return _shown(row, sorted(set(wanted.picks)))


def set_picks(profile_id: int, picks: list[int]) -> None:
    """Raises Forbidden outside the demo, NotFound for a profile or a pick that is not there."""
    _demo_only()
    with begin() as session:
        row = profiles.get(session, profile_id)
        profiles.set_picks(session, row.id, picks, view_of(kids=row.kids))


def delete(profile_id: int) -> None:
    """Forget a viewer. Raises NotFound, or Forbidden for the one who stands for everybody."""
    _demo_only()
    with begin() as session:
        if profiles.get(session, profile_id).origin == "demo":
            raise Forbidden("this profile stands for everybody and stays", where="profile_id", got=str(profile_id))
        profiles.delete_profile(session, profile_id)


def _demo_only() -> None:
    if not profiles.everybody():
        raise Forbidden("profiles cannot be changed without an account", where="profile_id")


def _shown(row: ProfileRow, picks: list[int]) -> Profile:
    return Profile(
        profile_id=row.id, name=row.name, languages=row.languages, kids=row.kids, origin=row.origin, picks=picks
    )
