"""The same telephone number and the same country, spelled in the ways people spell them."""

from __future__ import annotations

from typing import Final

__all__ = ["respell_country", "respell_phone"]

_COUNTRIES: Final = {
    "Australia": ("Australia", "AU", "AUSTRALIA", "australia"),
    "New Zealand": ("New Zealand", "NZ", "NEW ZEALAND", "Aotearoa"),
    "United Kingdom": ("United Kingdom", "UK", "GB", "Great Britain"),
}
_DIALLING_CODES: Final = {"Australia": "61", "New Zealand": "64", "United Kingdom": "44"}


def respell_country(country: str, style: int) -> str:
    """One of a country's spellings, chosen by `style`; unknown ones stay."""
    spellings = _COUNTRIES.get(country, (country,))
    return spellings[style % len(spellings)]


def respell_phone(phone: str, country: str, style: int) -> str:
    """One of a national number's layouts, chosen by `style`: as it is, with country code, digits only, dashed."""
    code = _DIALLING_CODES.get(country)
    plain = phone.replace("(", "").replace(")", "")
    if code is None or not plain.startswith("0"):
        return phone
    match style % 4:
        case 0:
            return phone
        case 1:
            return f"+{code} {plain[1:]}"
        case 2:
            return plain.replace(" ", "")
        case _:
            return plain.replace(" ", "-")
