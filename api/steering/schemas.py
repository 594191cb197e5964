"""The steering manifest, with the names that the standards give its fields."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class SteeringManifest(BaseModel):
    """The document of HLS (RFC 8216bis §7) and DASH (ETSI TS 103 998): pathways in the order to use them."""

    model_config = ConfigDict(serialize_by_alias=True)

    version: Literal[1] = Field(alias="VERSION")
    ttl: int = Field(alias="TTL", description="seconds after which to ask again")
    reload_uri: str = Field(alias="RELOAD-URI")
    pathway_priority: list[str] = Field(alias="PATHWAY-PRIORITY", min_length=1, description="names of edges")
