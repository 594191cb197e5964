"""Settings of the installation as a whole: which profile it runs under, and where its state lies."""

import re
from enum import StrEnum
from pathlib import Path

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

PATH = r"[\w ./+@,=~-]+"  # of what may be written into servers' configurations


class Profile(StrEnum):
    """`demo` makes missing secrets and may use fixed demo names; `production` refuses to start without secrets."""

    DEMO = "demo"
    PRODUCTION = "production"


class Installation(BaseSettings):
    """The base of every group: how values are read, and what all groups refer to."""

    model_config = SettingsConfigDict(
        env_prefix="MARQUEE_", env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True
    )

    profile: Profile = Profile.DEMO
    home: Path = Field(default=Path("var"), validate_default=True)
    log_json: bool = False
    log_days: int = Field(default=30, ge=1)  # for which logs of tasks stay
    log_mb: int = Field(default=1024, ge=10)  # which they may fill together

    @field_validator("home")
    @classmethod
    def _absolute(cls, home: Path) -> Path:
        path = home.expanduser().resolve()
        if not re.fullmatch(PATH, str(path)):
            raise ValueError(f"{path}: it is written into servers' configurations, so it may not hold such characters")
        return path
