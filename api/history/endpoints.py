"""/v1/profiles/{profile_id}/history."""

from fastapi import APIRouter

from api.deps import ApiId, Languages
from api.history import service
from api.history.schemas import History
from api.members import OwnProfile
from api.openapi import problems

router = APIRouter(prefix="/v1/profiles/{profile_id}/history", tags=["history"])


@router.get("", responses=problems(401, 403, 422, 503))
def list_history(member: OwnProfile, languages: Languages) -> History:
    """What the profile has watched."""
    return service.listed(member, languages)


@router.delete("", status_code=204, responses=problems(401, 403, 422, 503))
def clear_history(member: OwnProfile) -> None:
    """Forget all that the profile has watched: titles begin anew, and rows no longer go by it."""
    service.forget(member)


@router.delete("/{title_id}", status_code=204, responses=problems(401, 403, 422, 503))
def remove_from_history(member: OwnProfile, title_id: ApiId) -> None:
    """Forget one title, as does its removal from Continue watching. Again changes nothing."""
    service.forget(member, title_id)
