"""The device, territory and ISP that a request comes from."""

import re
from typing import Annotated, NamedTuple

from fastapi import Depends, Request
from starlette.datastructures import Headers

from marquee.members import territories
from marquee.settings import settings

UNKNOWN = "unknown"
LONGEST_ISP = 80

# In this order: a television's browser may name Android too, a tablet's may name a phone's system.
DEVICES = (
    ("tv", r"smart-?tv|google ?tv|apple ?tv|hbbtv|netcast|web0s|bravia|\bcrkey\b|\baft\w+\b|roku|viera|tizen.*\btv\b"),
    ("tablet", r"ipad|tablet|kindle|\bsilk/|playbook|android(?!.*mobile)"),
    ("phone", r"iphone|ipod|mobile|android"),
    ("desktop", r"windows nt|macintosh|x11|cros|linux"),  # an iPad that asks for desktop pages counts here
)


class Context(NamedTuple):
    """As the lake's columns have it: `ZZ` and `unknown` where nothing is known. The country is the territory."""

    device: str
    country: str
    isp: str


def context_of(request: Request) -> Context:
    """The ISP comes from the header that a trusted proxy sets, if the settings name one."""
    isp = re.sub(r"[\x00-\x1f\x7f]", "", _said(request, settings().isp_header)).strip()[:LONGEST_ISP]
    return Context(device_of(request.headers), territory_of(request), isp or UNKNOWN)


def territory_of(request: Request) -> str:
    """The territory whose titles a request sees."""
    return territories.territory(_said(request, settings().country_header), address_of(request))


def address_of(request: Request) -> str:
    """The client's address, as the trusted proxies say it; empty where there is none."""
    return request.client.host if request.client else ""


def _said(request: Request, header: str) -> str:
    """What the proxy says in a header; nothing where the settings name none, or the request came past the proxy."""
    if not header or not request.state.by_proxy:
        return ""
    values = request.headers.getlist(header)
    return values[0] if len(values) == 1 else ""  # a second one was sent by somebody else


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
    return context_of(request)


CallContext = Annotated[Context, Depends(_context)]


async def _territory(request: Request) -> str:
    return territory_of(request)


Territory = Annotated[str, Depends(_territory)]


async def _address(request: Request) -> str:
    return address_of(request)


ClientAddress = Annotated[str, Depends(_address)]
