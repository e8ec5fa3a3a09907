"""What callers send: XML bodies into element texts, page tokens, dates; refusals in XPM's words."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from xpmsync.simulator.server.messages import Request
from xpmsync.simulator.world.xml import escape, too_long

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

__all__ = ["EMPTY_CLEARS", "Refused", "body_element", "page_of", "pagination", "since", "texts"]

EMPTY_CLEARS: Final = True
"""Whether an empty element in an update clears the value.

Unknown of the real system (facts, 2.3); clearing is the reading under which a
careless writer does harm, so it is the one to practise on.
"""


@dataclass(eq=False)
class Refused(Exception):
    """XPM's refusal, sent as a `Status` ERROR envelope."""

    reason: str
    status: int = 200


def body_element(request: Request, name: str) -> Element:
    """The body's root element; anything else is a 500 with the envelope."""
    from xml.etree.ElementTree import ParseError, fromstring

    try:
        root = fromstring(request.body)  # noqa: S314 - sent by our own program over loopback
    except ParseError:
        raise Refused("The request could not be read", 500) from None
    if root.tag != name:
        raise Refused(f"Expected a {name} element", 500)
    return root


def texts(element: Element, names: Mapping[str, str]) -> dict[str, str]:
    """The texts of known child elements, under the names they are kept by; over-long ones are refused.

    An empty element gives an empty text where that clears; other names are ignored.
    """
    found: dict[str, str] = {}
    for child in element:
        kept = names.get(child.tag)
        if kept is None:
            continue
        value = (child.text or "").strip()
        refusal = too_long(kept, value)
        if refusal:
            raise Refused(refusal)
        if value or EMPTY_CLEARS:
            found[kept] = value
    return found


def since(request: Request) -> str:
    """The `modifiedsince` parameter in the form the world compares, or an empty text without one."""
    given = request.query.get("modifiedsince", "")
    if not given:
        return ""
    try:
        moment = datetime.strptime(given, "%Y-%m-%dT%H:%M:%S")  # noqa: DTZ007 - the API's times have no zone
    except ValueError:
        raise Refused("Invalid modifiedsince date") from None
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%f")


def page_of(request: Request) -> tuple[int, int]:
    """Page size (1 to 500, else 50) and the sequence number after which the page begins."""
    size = request.query.get("pageSize", "50")
    if not size.isdigit() or not 1 <= int(size) <= 500:
        raise Refused("The page size must be between 1 and 500")
    token = request.query.get("pageToken", "")
    if not token:
        return int(size), 0
    try:
        return int(size), int(base64.urlsafe_b64decode(token + "==").decode().removeprefix("after:"))
    except (binascii.Error, ValueError):
        raise Refused("Invalid page token") from None


def pagination(request: Request, size: int, after: int) -> str:
    """The `Pagination` element: absolute URLs of the first page and, where there is one, the next."""
    here = f"{request.base}{request.path}"

    def link(name: str, pairs: Iterable[tuple[str, str]]) -> str:
        return f"<{name}>{escape(f'{here}?{urlencode(list(pairs))}')}</{name}>"

    links = link("First", [("pageSize", str(size))])
    if after:
        token = base64.urlsafe_b64encode(f"after:{after}".encode()).decode().rstrip("=")
        links += link("Next", [("pageToken", token), ("pageSize", str(size))])
    return f"<Pagination><Links>{links}</Links></Pagination>"
