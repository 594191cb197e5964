"""What profiles say of titles."""

from typing import Any

from api.opinions.schemas import Opinion, OpinionChange, OpinionOf, TitleOpinions, opinion
from marquee.catalogue import opinions
from marquee.catalogue.database import begin
from marquee.catalogue.models import now
from marquee.contracts.members import Member
from marquee.members import profiles, watching


def listed(member: Member) -> TitleOpinions:
    """All of a profile's."""
    with begin() as session:
        rows = opinions.listed(session, member.account_id, profiles.chosen(member))
    return TitleOpinions(
        items=[OpinionOf(title_id=r.title_id, updated_at=r.updated_at, **opinion(r).model_dump()) for r in rows]
    )


def change(member: Member, title_id: int, wanted: OpinionChange, territory: str) -> Opinion:
    """What the profile says of the title from now on. Raises NotFound, NotSuitable for a title that it may not see."""
    values: dict[str, Any] = wanted.model_dump(exclude_unset=True, exclude={"listed"})
    if values.get("hidden", False) is None:
        del values["hidden"]
    if wanted.listed is not None:
        values["listed_at"] = now() if wanted.listed else None
    with begin() as session:
        profile = profiles.acting(session, member)
        watching.seen_title(session, title_id, watching.view_of(profile, territory))
        if values:
            opinions.put(session, profile.account_id, profile.id, title_id, **values)
        session.expire_all()
        return opinion(opinions.get(session, profile.account_id, profile.id, title_id))
