"""Where a request comes from, as far as that means somebody."""

from ipaddress import IPv4Address, IPv6Address, ip_address

from aiohttp import web

FORWARDED = "X-Forwarded-For"
MOST_HOPS = 20


def address_of(request: web.Request) -> str:
    """The public address a request comes from; empty when it is not known.

    Who reaches us from a public address is whom the line says. From our own machine or network it is a proxy, which
    adds the address it was called from to X-Forwarded-For: the last public one counts, as everything before it may be
    made up. Without that header it may be anybody, and nobody is counted as one.
    """
    near = _read(request.remote or "")
    if near is None or near.is_global:
        return _named(near)
    hops = ",".join(request.headers.getall(FORWARDED, [])).split(",")[-MOST_HOPS:]
    return next((_named(hop) for hop in map(_read, reversed(hops)) if hop is not None and hop.is_global), "")


def _read(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text.strip().strip("[]").partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def _named(address: IPv4Address | IPv6Address | None) -> str:
    """Of IPv6 the network: a house has 2⁶⁴ addresses and counts as one."""
    if isinstance(address, IPv6Address):
        return f"{IPv6Address(int(address) >> 64 << 64)}/64"
    return str(address or "")
