"""The device, country and ISP that a request comes from, as far as its headers say."""

import re
from typing import Annotated, NamedTuple

from fastapi import Depends, Request
from starlette.datastructures import Headers

from marquee.settings import settings

UNKNOWN, NOWHERE = "unknown", "ZZ"
LONGEST_ISP = 80

# In this order: a television's browser may name Android too, a tablet's may name a phone's system.
DEVICES = (
    ("tv", r"smart-?tv|google ?tv|apple ?tv|hbbtv|netcast|web0s|bravia|\bcrkey\b|\baft\w+\b|roku|viera|tizen.*\btv\b"),
    ("tablet", r"ipad|tablet|kindle|\bsilk/|playbook|android(?!.*mobile)"),
    ("phone", r"iphone|ipod|mobile|android"),
    ("desktop", r"windows nt|macintosh|x11|cros|linux"),  # an iPad that asks for desktop pages counts here
)


class Context(NamedTuple):
    """As the lake's columns have it: `ZZ` and `unknown` where nothing is known."""

    device: str
    country: str
    isp: str


def context_of(headers: Headers) -> Context:
    """Country and ISP come from the headers that the operator's own proxy sets, if the settings name any."""
    s = settings()
    country = headers.get(s.country_header, "").upper() if s.country_header else ""
    if not re.fullmatch(r"[A-Z]{2}", country):
        country = NOWHERE if s.territory == "*" else s.territory
    isp = headers.get(s.isp_header, "") if s.isp_header else ""
    isp = re.sub(r"[\x00-\x1f\x7f]", "", isp).strip()[:LONGEST_ISP]
    return Context(device_of(headers), country, isp or UNKNOWN)


def device_of(headers: Headers) -> str:
    """tv, desktop, tablet, phone or unknown, by client hints (User-Agent Client Hints) and then the user agent."""
    hint = headers.get("sec-ch-ua-form-factors", "").lower()
    for device, form in (("tv", "tv"), ("tablet", "tablet"), ("desktop", "desktop")):
        if f'"{form}"' in hint:
            return device
    agent = headers.get("user-agent", "").lower()
    found = next((device for device, pattern in DEVICES if re.search(pattern, agent)), UNKNOWN)
    return "phone" if headers.get("sec-ch-ua-mobile") == "?1" and found in {"desktop", UNKNOWN} else found


async def _context(request: Request) -> Context:
    return context_of(request.headers)


CallContext = Annotated[Context, Depends(_context)]
