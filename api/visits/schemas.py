"""Schemas of visits."""

from pydantic import BaseModel, ConfigDict

from api.deps import ApiId


class VisitRequest(BaseModel):
    """A home page is shown; without a profile to the demo viewer."""

    model_config = ConfigDict(extra="forbid")
    profile_id: ApiId | None = None


class Visit(BaseModel):
    """Put `visit_id` into the browse events of this showing; their `seq` begins at 0."""

    visit_id: ApiId
