"""/v1/profiles."""

from fastapi import APIRouter

from api.deps import ApiId
from api.openapi import problems
from api.profiles import service
from api.profiles.schemas import NewProfile, PickList, Profile, ProfileList

router = APIRouter(prefix="/v1/profiles", tags=["profiles"])


@router.get("", responses=problems(503))
def list_profiles() -> ProfileList:
    """Who may watch: the anonymous viewer; in the demo also profiles that were made, and some simulated ones."""
    return service.list_all()


@router.post("", status_code=201, responses=problems(403, 404, 409, 422))
def create_profile(wanted: NewProfile) -> Profile:
    """A new viewer (demo only). Its first rows come from its picks."""
    return service.create(wanted)


@router.put("/{profile_id}/picks", status_code=204, responses=problems(403, 404, 422))
def set_profile_picks(profile_id: ApiId, wanted: PickList) -> None:
    """Replace the picks of a profile (demo only)."""
    service.set_picks(profile_id, wanted.picks)


@router.delete("/{profile_id}", status_code=204, responses=problems(403, 404, 422))
def delete_profile(profile_id: ApiId) -> None:
    """Forget a viewer (demo only): from here at once, from all that was made of what was watched at the next run."""
    service.delete(profile_id)
