"""When two telephone numbers are the same, whichever way they are written down.

`(02) 5550 1234`, `02 5550 1234` and `+61 2 5550 1234` are the same number. The
normal form is the one that is dialled within the country, so that a leading zero
that a spreadsheet lost is a difference. Texts come without invisible characters.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

__all__ = ["has_several", "normal_form", "same_country"]

_NOT_DIGIT: Final = re.compile(r"[^0-9]")
_LAYOUT_ONLY: Final = re.compile(r"[0-9\s()+./\-\u2010-\u2015]*")
_EXTENSION: Final = re.compile(r"(?:(?<![a-z])(?:ext(?:ension|n)?[.:=]?|x)|#)\s*([0-9]{1,6})\s*$", re.IGNORECASE)
_DIALLED_ABROAD: Final = re.compile(r"\s*(?:\(\s*\+\s*([0-9]+)\s*\)|0011\s*|00\s*|\+)")
"""A country code follows, or is in brackets: `+64`, `(+64)`, `00 64`, and `0011 64` from Australia."""
_LINK: Final = re.compile(r"\s*tel:", re.IGNORECASE)
_SEPARATOR: Final = re.compile(r"\s(?:or|and|oder)\s|[,;/&|]|\n", re.IGNORECASE)
_FEWEST_DIGITS: Final = 6
_LONGEST: Final = 40
"""Longer texts are compared digit by digit; no telephone number comes near (E.164: 15 digits)."""


def normal_form(text: str) -> str:
    """The digits dialled within the country, plus `x` and the extension.

    The country is left to `same_country`, which sees both sides. A text with more
    in it than a number and its layout (`02 5550 1234, ask for Bob`) is compared as it is.
    """
    body, extension = _split_extension(text)
    if not _LAYOUT_ONLY.fullmatch(body):
        return unicodedata.normalize("NFC", text).casefold()
    national = _international(body)[1] or _NOT_DIGIT.sub("", body)
    if not national.strip("0"):
        return unicodedata.normalize("NFC", text).casefold()
    return f"{national}x{extension}" if extension else national


def same_country(one: str, other: str) -> bool:
    """Whether two numbers of the same normal form can be one number: not where both name different countries."""
    codes = {code for text in (one, other) if (code := _international(_split_extension(text)[0])[0])}
    return len(codes) < 2


def has_several(text: str) -> bool:
    """Whether a text holds more than one telephone number."""
    numbers = [part for part in _SEPARATOR.split(text) if len(_NOT_DIGIT.sub("", part)) >= _FEWEST_DIGITS]
    return len(numbers) > 1


def _split_extension(text: str) -> tuple[str, str]:
    text = _LINK.sub("", text, count=1)
    match = _EXTENSION.search(text)
    return (text[: match.start()].rstrip(" ,;"), match[1]) if match else (text, "")


def _international(body: str) -> tuple[str, str]:
    """Country code and digits within the country, of a number written with its country; else two empty texts."""
    prefix = _DIALLED_ABROAD.match(body)
    if prefix is None or len(body) > _LONGEST:
        return "", ""
    return _parse_international(f"+{prefix[1] or ''}{body[prefix.end() :]}")


@lru_cache(maxsize=4096)
def _parse_international(text: str) -> tuple[str, str]:
    import phonenumbers

    try:
        parsed = phonenumbers.parse(text, None)
    except phonenumbers.NumberParseException:
        return "", ""
    national = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.NATIONAL)
    return str(parsed.country_code), _NOT_DIGIT.sub("", national)
