"""The key of the forensic watermark."""

from marquee.content.media.ladder import profile
from marquee.content.media.watermark.pattern import key_id
from marquee.contracts.errors import InvalidInput
from marquee.contracts.plan import EncodePlan
from marquee.settings import Profile, settings


def watermark_key() -> str:
    """The key of this installation. Raises InvalidInput in production where it is not set: edges need the same one."""
    if settings().profile is Profile.PRODUCTION and not settings().watermark_key.get_secret_value():
        expected = "MARQUEE_WATERMARK_KEY, the same at encoders, edges and here"
        raise InvalidInput("no key of the watermark is set", where="settings", expected=expected)
    return settings().secret("watermark_key")


def name_for(ladder: str) -> str:
    """What names the key in plans of a profile; empty for one without a watermark. Raises InvalidInput."""
    return key_id(watermark_key()) if profile(ladder).watermark else ""


def key_of(plan: EncodePlan) -> str:
    """The key by which a plan is encoded; empty where it has no watermark."""
    return watermark_key() if plan.watermark else ""
