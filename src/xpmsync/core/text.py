"""When two texts mean the same: a normal form for each kind of field (design, rule 3).

A normal form is only ever compared or fingerprinted, never written.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from typing import Final

from xpmsync.core.catalogue import FieldKind

__all__ = ["FORMULA_STARTS", "choices", "formula_like", "normalise", "same"]

_NOT_DIGIT: Final = re.compile(r"[^0-9]")
_LAYOUT_ONLY: Final = re.compile(r"[0-9\s()+./\-\u2010-\u2015]*")
_EXTENSION: Final = re.compile(r"(?:(?<![a-z])(?:ext(?:ension|n)?[.:=]?|x)|#)\s*([0-9]{1,6})\s*$", re.IGNORECASE)
_LONGEST_PHONE: Final = 40
"""Longer texts are compared digit by digit; no telephone number comes near (E.164: 15 digits)."""

_COUNTRIES: Final[dict[str, tuple[str, ...]]] = {
    "AU": ("aus", "australia", "commonwealth of australia"),
    "NZ": ("nzl", "new zealand", "aotearoa", "aotearoa new zealand", "aotearoa / new zealand"),
    "GB": (
        "gbr", "uk", "u.k.", "united kingdom", "great britain", "britain",
        "united kingdom of great britain and northern ireland",
    ),
    "IE": ("irl", "ireland", "republic of ireland", "éire"),
    "US": ("usa", "u.s.", "u.s.a.", "united states", "united states of america"),
    "CA": ("can", "canada"),
    "SG": ("sgp", "singapore"),
    "HK": ("hkg", "hong kong", "hong kong sar"),
    "ZA": ("zaf", "south africa"),
    "FJ": ("fji", "fiji"),
    "WS": ("wsm", "samoa"),
    "TO": ("ton", "tonga"),
    "CK": ("cok", "cook islands"),
    "PG": ("png", "papua new guinea"),
    "ID": ("idn", "indonesia"),
    "MY": ("mys", "malaysia"),
    "PH": ("phl", "philippines", "the philippines"),
    "TH": ("tha", "thailand"),
    "VN": ("vnm", "vietnam", "viet nam"),
    "CN": ("chn", "china", "people's republic of china"),
    "JP": ("jpn", "japan"),
    "IN": ("ind", "india"),
    "AE": ("are", "uae", "u.a.e.", "united arab emirates"),
    "DE": ("deu", "germany", "deutschland"),
    "FR": ("fra", "france"),
    "NL": ("nld", "netherlands", "the netherlands", "holland"),
    "CH": ("che", "switzerland"),
    "IT": ("ita", "italy"),
    "ES": ("esp", "spain"),
}  # fmt: skip
_COUNTRY_CODES: Final = {
    spelling: code for code, spellings in _COUNTRIES.items() for spelling in (code.lower(), *spellings)
}
_FLAGS: Final = dict.fromkeys(("yes", "y", "true", "1"), "yes") | dict.fromkeys(("no", "n", "false", "0"), "no")


def normalise(kind: FieldKind, text: str) -> str:
    """Return the normal form of a text of that kind; an empty text when it says nothing."""
    return _NORMALISERS[kind](text) if text else ""


def same(kind: FieldKind, source: str, target: str) -> bool:
    """Whether two texts of the same kind mean the same.

    For `CHOICE` a line in common is enough. A blank flag and `No` are the same.
    Telephone numbers that both name their country must name the same country.
    """
    if source == target:
        return True
    if kind is FieldKind.CHOICE:
        ours, theirs = set(choices(source)), set(choices(target))
        return bool(ours & theirs) or not (ours or theirs)
    source_form, target_form = normalise(kind, source), normalise(kind, target)
    if source_form != target_form:
        return kind is FieldKind.FLAG and {source_form, target_form} == {"", "no"}
    if kind is FieldKind.PHONE:
        codes = {code for text in (source, target) if (code := _international(_split_extension(text)[0])[0])}
        return len(codes) < 2
    return True


def choices(text: str) -> tuple[str, ...]:
    """The normal forms of the lines of a `CHOICE` value, without blank lines."""
    return tuple(line for raw in text.splitlines() if (line := _text(raw)))


def _text(text: str) -> str:
    """Line ends and outer blanks do not count; composed and decomposed accents are the same letter."""
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n").strip())


def _lines(text: str) -> str:
    """Every line trimmed, blank lines at the ends dropped."""
    return "\n".join(line.strip() for line in _text(text).split("\n"))


def _email(text: str) -> str:
    return text.strip().casefold()


def _flag(text: str) -> str:
    folded = text.strip().casefold()
    return _FLAGS.get(folded, folded)


def _country(text: str) -> str:
    folded = _text(text).casefold()
    return _COUNTRY_CODES.get(folded, folded)


def _phone(text: str) -> str:
    """The national significant digits, plus `x` and the extension.

    `(02) 5550 1234`, `02 5550 1234` and `+61 2 5550 1234` are one number, so
    the country is left to `same`, which sees both sides. A text with more in it
    than a number and its layout (`02 5550 1234, ask for Bob`) is compared as it is.
    """
    body, extension = _split_extension(text)
    if not _LAYOUT_ONLY.fullmatch(body):
        return _text(text).casefold()
    national = _international(body)[1] or _NOT_DIGIT.sub("", body).lstrip("0")
    if not national:
        return _text(text).casefold()
    return f"{national}x{extension}" if extension else national


def _split_extension(text: str) -> tuple[str, str]:
    match = _EXTENSION.search(text)
    return (text[: match.start()].rstrip(" ,;"), match[1]) if match else (text, "")


def _international(body: str) -> tuple[str, str]:
    """Country code and national digits of a number written with its country (no extension), else blanks."""
    trimmed = body.strip()
    if not trimmed.startswith(("+", "00")) or len(trimmed) > _LONGEST_PHONE:
        return "", ""
    return _parse_international(trimmed)


@lru_cache(maxsize=4096)
def _parse_international(text: str) -> tuple[str, str]:
    import phonenumbers

    number = "+" + text[2:] if text.startswith("00") else text
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return "", ""
    return str(parsed.country_code), str(parsed.national_number)


_NORMALISERS: Final[dict[FieldKind, Callable[[str], str]]] = {
    FieldKind.TEXT: _text,
    FieldKind.LINES: _lines,
    FieldKind.EMAIL: _email,
    FieldKind.PHONE: _phone,
    FieldKind.FLAG: _flag,
    FieldKind.COUNTRY: _country,
    FieldKind.CHOICE: lambda text: "\n".join(sorted(choices(text))),
}


FORMULA_STARTS: Final = frozenset("=+-@\t\r")
"""What makes a spreadsheet program read a cell as a formula."""

_PHONE: Final = re.compile(r"\+[\s(]*[0-9][0-9\s()./\-]{4,30}(?:(?:ext\.?|x|#)\s*[0-9]{1,6})?", re.IGNORECASE)


def formula_like(text: str) -> bool:
    """Whether a spreadsheet program would take a cell for a formula; an international phone number is none."""
    return text[:1] in FORMULA_STARTS and not _PHONE.fullmatch(text)
