"""Schemas of visits."""

from pydantic import BaseModel

from api.deps import ApiId


class Visit(BaseModel):
    """Put `visit_id` into the browse events of this showing; their `seq` begins at 0."""

    visit_id: ApiId
