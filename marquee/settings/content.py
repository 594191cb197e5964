"""Content: intake, encoding, warm-up and playback."""

import os
from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator

from marquee.contracts.territories import COUNTRIES, WORLD
from marquee.settings.installation import Installation


class Content(Installation):
    """Limits and budgets of a title's way to viewers."""

    transcode_slots: int = Field(default_factory=lambda: os.cpu_count() or 1, gt=0)
    encoder: Literal["software", "auto", "nvenc", "qsv", "vaapi", "videotoolbox"] = "software"
    delivery_settle_s: float = Field(default=5, ge=0)
    approval_timeout_h: float = Field(default=72, gt=0)
    deletion_grace_d: int = Field(default=7, ge=0, le=365)
    retention_releases: int = Field(default=2, ge=0)  # kept of a title beside the one that is shown
    retention_days: int = Field(default=30, ge=1)
    retention_collects: bool = False  # else it only says what it would collect
    key_days: int = Field(default=0, ge=0)  # after which a title gets new content keys; 0: with new releases alone
    verify_plays: bool = False  # each track of a release in Chromium, before it is published
    scrub_days: int = Field(default=30, ge=1)  # after which a release's replicas are read through again
    trust_read_subtitles: bool = False  # what was read from subtitle pictures is shown without a person's word
    warmup_budget_bytes: int = Field(default=4 * 1024**3, ge=0)
    upload_days: int = Field(default=7, ge=1)  # how long an upload may lie untouched
    max_source_bytes: int = Field(default=512 * 1024**3, gt=0)
    territory: str = WORLD  # of those viewers whose territory nothing else says
    territory_database: Path | None = None  # of the countries of addresses, in MaxMind's format
    playback_token_s: int = Field(default=6 * 3600, gt=0)  # the longest playback session
    media_token_s: int = Field(default=60, gt=0)  # at the edges; heartbeats renew it
    search_engines: bool = False  # they may list what guests see, and links to it show a preview elsewhere
    media_token_network: bool = False  # media tokens open from the viewer's network alone

    @field_validator("territory")
    @classmethod
    def _known(cls, territory: str) -> str:
        if territory not in COUNTRIES | {WORLD}:
            raise ValueError(f"{territory}: expected a country of ISO 3166-1 by its two capital letters, as DE, or *")
        return territory
