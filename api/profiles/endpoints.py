"""/v1/profiles."""

from fastapi import APIRouter

from api.context import Territory
from api.deps import ApiId
from api.members import CallFrom, OwnProfile, PresentMember
from api.openapi import problems
from api.profiles import service
from api.profiles.schemas import Choice, NewProfile, PickList, Preferences, Profile, ProfileChange, ProfileList
from api.sign_in.schemas import AccessToken
from marquee.members import profiles
from marquee.members.sign_in.log_in import access_token
from marquee.settings import settings

router = APIRouter(prefix="/v1/profiles", tags=["profiles"])


@router.get("", responses=problems(401, 503))
def list_profiles(member: PresentMember) -> ProfileList:
    """Who may watch with this account."""
    return service.listed(member)


@router.post("", status_code=201, responses=problems(401, 403, 404, 409, 422, 503))
def create_profile(member: PresentMember, wanted: NewProfile, territory: Territory) -> Profile:
    """A new profile. Its first rows come from its picks."""
    return service.create(member, wanted, territory)


@router.patch("/{profile_id}", responses=problems(401, 403, 404, 422, 429, 503))
def change_profile(member: PresentMember, profile_id: ApiId, wanted: ProfileChange, caller: CallFrom) -> Profile:
    """Change a profile. What loosens a limit, or changes a PIN, may ask for a PIN."""
    return service.change(member, profile_id, wanted, caller)


@router.delete("/{profile_id}", status_code=204, responses=problems(401, 403, 404, 422, 503))
def delete_profile(member: PresentMember, profile_id: ApiId) -> None:
    """Delete a profile: from here at once, from all that was made of what it watched at the next run."""
    profiles.delete(member, profile_id)


@router.post("/{profile_id}/choice", responses=problems(401, 403, 404, 422, 429, 503))
def choose_profile(member: PresentMember, profile_id: ApiId, wanted: Choice, caller: CallFrom) -> AccessToken:
    """Watch as this profile on this device from now on; the token acts for it."""
    token = access_token(profiles.choose(member, profile_id, wanted.pin, caller))
    return AccessToken(access_token=token, expires_in=settings().access_token_s)


@router.put("/{profile_id}/picks", status_code=204, responses=problems(401, 403, 404, 422, 503))
def set_profile_picks(member: PresentMember, profile_id: ApiId, wanted: PickList, territory: Territory) -> None:
    """Replace the picks of a profile."""
    profiles.set_picks(member, profile_id, wanted.picks, territory)


@router.put("/{profile_id}/preferences", responses=problems(401, 403, 404, 422, 503))
def set_preferences(member: OwnProfile, wanted: Preferences) -> Preferences:
    """How the profile likes to play, on every device."""
    return service.preferences(member, wanted)
