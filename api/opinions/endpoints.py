"""/v1/profiles/{profile_id}/opinions."""

from fastapi import APIRouter

from api.context import Territory
from api.deps import ApiId
from api.members import OwnProfile
from api.openapi import problems
from api.opinions import service
from api.opinions.schemas import Opinion, OpinionChange, TitleOpinions

router = APIRouter(prefix="/v1/profiles/{profile_id}/opinions", tags=["opinions"])


@router.get("", responses=problems(401, 403, 422, 503))
def list_opinions(member: OwnProfile) -> TitleOpinions:
    """What the profile has said of titles."""
    return service.listed(member)


@router.patch("/{title_id}", responses=problems(401, 403, 404, 422, 503))
def change_opinion(member: OwnProfile, title_id: ApiId, wanted: OpinionChange, territory: Territory) -> Opinion:
    """Put a title on the list, give it a thumb, or hide it. The rows change at once."""
    return service.change(member, title_id, wanted, territory)
