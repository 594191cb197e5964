"""Schema of the health checks."""

from typing import Literal

from pydantic import BaseModel


class Health(BaseModel):
    """There is only one answer beside the problem: all is well."""

    status: Literal["ok"]
