"""When two texts, or two telephone numbers, mean the same: a normal form for each kind of field (design, rule 3).

A normal form is only ever compared or fingerprinted, never written.
"""

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from typing import Final

from xpmsync.core.catalogue import FieldKind

_INVISIBLE: Final = dict.fromkeys(
    (0x200B, 0x200E, 0x200F, 0x2060, 0xFEFF, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
)
"""Zero-width and direction marks that copying from a web page or a document leaves in a value."""
_NO_BREAK: Final = dict.fromkeys((0xA0, 0x2007, 0x202F))
_ADDRESS: Final = re.compile(r"[^\s@<>,;:\"()\[\]\\]+@[^\s@<>,;:\"()\[\]\\.]+(?:\.[^\s@<>,;:\"()\[\]\\.]+)+")

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
    return kind is not FieldKind.PHONE or same_number_in_one_country(visible(source), visible(target))


def visible(text: str) -> str:
    """The text without invisible characters and outer blanks, which never travel from one system to the other."""
    return text.strip() if text.isascii() else text.translate(_INVISIBLE).strip()


def single_email(text: str) -> str:
    """The one e-mail address that a text is, ready to be written; empty where it is none, or several."""
    address = visible(text)
    if not address.isascii():
        address = address.translate(_NO_BREAK)
    return address if _ADDRESS.fullmatch(address) else ""


def to_write(kind: FieldKind, text: str) -> str:
    """A source's text as it is written to the target: unchanged but for what nobody sees."""
    if not normalise(kind, text):
        return ""
    return (kind is FieldKind.EMAIL and single_email(text)) or visible(text)


def choices(text: str) -> tuple[str, ...]:
    """The normal forms of the lines of a `CHOICE` value, without blank lines."""
    return tuple(line for raw in text.splitlines() if (line := _text(raw)))


def _text(text: str) -> str:
    """Line ends and outer blanks do not count; composed and decomposed accents are the same letter."""
    return unicodedata.normalize("NFC", visible(text.replace("\r\n", "\n").replace("\r", "\n")))


def _lines(text: str) -> str:
    """Every line trimmed, blank lines at the ends dropped."""
    return "\n".join(line.strip() for line in _text(text).split("\n"))


def _email(text: str) -> str:
    return (single_email(text) or visible(text)).casefold()


def _flag(text: str) -> str:
    folded = visible(text).casefold()
    return _FLAGS.get(folded, folded)


def _country(text: str) -> str:
    folded = _text(text).casefold()
    return _COUNTRY_CODES.get(folded, folded)


_NORMALISERS: Final[dict[FieldKind, Callable[[str], str]]] = {
    FieldKind.TEXT: _text,
    FieldKind.LINES: _lines,
    FieldKind.EMAIL: _email,
    FieldKind.PHONE: lambda text: phone_form(visible(text)),
    FieldKind.FLAG: _flag,
    FieldKind.COUNTRY: _country,
    FieldKind.CHOICE: lambda text: "\n".join(sorted(choices(text))),
}


FORMULA_STARTS: Final = frozenset("=+-@\t\r\uff1d\uff0b\uff0d\uff20")
"""What makes a spreadsheet program read a cell as a formula, full-width signs included."""

_PHONE: Final = re.compile(r"\+[\s(]*[0-9][0-9\s()./\-]{4,30}(?:(?:ext\.?|x|#)\s*[0-9]{1,6})?", re.IGNORECASE)


def formula_like(text: str) -> bool:
    """Whether a spreadsheet program would take a cell for a formula; an international phone number is none."""
    return text[:1] in FORMULA_STARTS and not _PHONE.fullmatch(text)


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


def phone_form(text: str) -> str:
    """The digits dialled within the country, plus `x` and the extension.

    The country is left to `same_number_in_one_country`, which sees both sides. A text with more
    in it than a number and its layout (`02 5550 1234, ask for Bob`) is compared as it is.
    """
    body, extension = _split_extension(text)
    if not _LAYOUT_ONLY.fullmatch(body):
        return unicodedata.normalize("NFC", text).casefold()
    national = _international(body)[1] or _NOT_DIGIT.sub("", body)
    if not national.strip("0"):
        return unicodedata.normalize("NFC", text).casefold()
    return f"{national}x{extension}" if extension else national


def same_number_in_one_country(one: str, other: str) -> bool:
    """Whether two numbers of the same normal form can be one number: not where both name different countries."""
    codes = {code for text in (one, other) if (code := _international(_split_extension(text)[0])[0])}
    return len(codes) < 2


def has_several(text: str) -> bool:
    """Whether a text holds more than one telephone number."""
    numbers = [part for part in _SEPARATOR.split(text) if len(_NOT_DIGIT.sub("", part)) >= _FEWEST_DIGITS]
    return len(numbers) > 1


def _split_extension(text: str) -> tuple[str, str]:
    if _LAYOUT_ONLY.fullmatch(text):
        return text, ""  # as most are: neither a link nor an extension need be looked for
    text = _LINK.sub("", text, count=1)
    match = _EXTENSION.search(text)
    return (text[: match.start()].rstrip(" ,;"), match[1]) if match else (text, "")


def _international(body: str) -> tuple[str, str]:
    """Country code and digits within the country, of a number written with its country; else two empty texts."""
    prefix = _DIALLED_ABROAD.match(body)
    if prefix is None or len(body) > _LONGEST:
        return "", ""
    return _parse_international(f"+{prefix[1] or ''}{body[prefix.end() :]}")


@lru_cache(maxsize=16384)
def _parse_international(text: str) -> tuple[str, str]:
    import phonenumbers

    try:
        parsed = phonenumbers.parse(text, None)
    except phonenumbers.NumberParseException:
        return "", ""
    national = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.NATIONAL)
    return str(parsed.country_code), _NOT_DIGIT.sub("", national)
