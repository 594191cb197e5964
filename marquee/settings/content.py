"""Content: intake, encoding, warm-up and playback."""

import os

from pydantic import Field

from marquee.settings.installation import Installation


class Content(Installation):
    """Limits and budgets of a title's way to viewers."""

    transcode_slots: int = Field(default_factory=lambda: os.cpu_count() or 1, gt=0)
    delivery_settle_s: float = Field(default=5, ge=0)
    approval_timeout_h: float = Field(default=72, gt=0)
    warmup_budget_bytes: int = Field(default=4 * 1024**3, ge=0)
    max_source_bytes: int = Field(default=512 * 1024**3, gt=0)
    territory: str = Field(default="*", pattern=r"^([A-Z]{2}|\*)$")  # in which viewers are taken to be
    playback_token_s: int = Field(default=6 * 3600, gt=0)
