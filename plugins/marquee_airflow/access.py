"""Who may change titles: whoever may trigger the title pipeline, asked from the site itself."""

from typing import Annotated
from urllib.parse import urlsplit

from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.auth.managers.models.base_user import BaseUser
from airflow.api_fastapi.auth.managers.models.resource_details import DagAccessEntity, DagDetails
from airflow.api_fastapi.core_api.security import get_user
from fastapi import Depends, HTTPException, Request

User = Annotated[BaseUser, Depends(get_user)]


def may_change(user: BaseUser) -> bool:
    """Whether Airflow's role lets somebody trigger the title pipeline, and so change titles."""
    details = DagDetails(id="title_pipeline")
    asked = {"method": "POST", "access_entity": DagAccessEntity.RUN, "details": details, "user": user}
    return bool(get_auth_manager().is_authorized_dag(**asked))


def editor(request: Request, user: User) -> str:
    """The name of somebody who may change titles, for their history. Answers 403 to others, and to other sites."""
    if not _from_here(request):
        raise HTTPException(403, "another site asks in your name")
    if not may_change(user):
        raise HTTPException(403, "your role may look, and change nothing")
    return str(user.get_name())


Editor = Annotated[str, Depends(editor)]


def _from_here(request: Request) -> bool:
    """Whether a browser says that the request comes from a page of this site; programs say nothing of it."""
    headers = request.headers
    if (site := headers.get("sec-fetch-site")) is not None:
        return site in ("same-origin", "none")
    origin, host = headers.get("origin"), headers.get("x-forwarded-host") or headers.get("host")
    return origin is None or urlsplit(origin).netloc == host
