"""The network of an address, to which a media token can be bound. deploy/nginx/edge.lua is the other half."""

from ipaddress import IPv4Address, IPv6Address, ip_address

IPV4_BYTES, IPV6_BYTES = 3, 6  # /24 and /48: what a household or a phone on the move keeps


def network_of(address: str) -> str:
    """The leading bytes of an address, in hex; an IPv4 address within IPv6 counts as itself. Empty for no address."""
    try:
        found: IPv4Address | IPv6Address = ip_address(address)
    except ValueError:
        return ""
    if isinstance(found, IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    return found.packed[: IPV4_BYTES if isinstance(found, IPv4Address) else IPV6_BYTES].hex()
