"""Public register numbers: recognised by their shape, verified by their check digits, then compared.

ABN, ACN, NZBN, and the company numbers of the United Kingdom and New Zealand.
The last two have no check digit, so only their shape is verified. Tax numbers
(TFN, IRD, UTR) are never read: the model does not carry them.
"""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Final, NamedTuple


class NumberRegister(StrEnum):
    """Who gave the number; the value is how people write it."""

    ABN = "ABN"
    ACN = "ACN"
    NZBN = "NZBN"
    COMPANY = "company number"


class Identifier(NamedTuple):
    """One number as its register writes it (without blanks), and whether its check digits are right."""

    register: NumberRegister
    number: str
    valid: bool


_ABN_WEIGHTS: Final = (10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19)
_ACN_WEIGHTS: Final = (8, 7, 6, 5, 4, 3, 2, 1, 1)
_UK_NUMBER: Final = re.compile(
    r"(?:[0-9]{8}|(?:AC|CE|CS|FC|FE|GE|GN|GS|IC|IP|LP|NA|NC|NF|NI|NL|NO|NP|NR|NV|NZ|OC|OE|PC|RC|RS|SA|SC|SE|SF"
    r"|SG|SI|SL|SO|SP|SR|SZ|ZC)[0-9]{6}|R0[0-9]{6})"
)
_NOT_IN_NUMBER: Final = re.compile(r"[^0-9A-Z]")
_KEYS: Final = {"abn": NumberRegister.ABN, "acn": NumberRegister.ACN, "nzbn": NumberRegister.NZBN}


def abn_is_valid(number: str) -> bool:
    """Verify an Australian Business Number: 11 digits, weighted sum (first digit less one) divisible by 89."""
    if len(number) != 11 or not number.isdecimal():
        return False
    digits = [int(c) for c in number]
    digits[0] -= 1
    return sum(_ABN_WEIGHTS[place] * digit for place, digit in enumerate(digits)) % 89 == 0


def acn_is_valid(number: str) -> bool:
    """Verify an Australian Company Number: 9 digits, the last one complements the weighted sum to tens."""
    if len(number) != 9 or not number.isdecimal():
        return False
    return sum(_ACN_WEIGHTS[place] * int(digit) for place, digit in enumerate(number)) % 10 == 0


def nzbn_is_valid(number: str) -> bool:
    """Verify a New Zealand Business Number: a 13-digit GS1 number that begins with 94."""
    if len(number) != 13 or not number.isdecimal() or not number.startswith("94"):
        return False
    return sum((3 if i % 2 else 1) * int(d) for i, d in enumerate(number)) % 10 == 0


def uk_is_valid(number: str) -> bool:
    """Verify the shape of a Companies House number; it has no check digit."""
    return _UK_NUMBER.fullmatch(number) is not None


def read(identifiers: Mapping[str, str]) -> tuple[Identifier, ...]:
    """Read a client's register numbers; texts without any digit are left out.

    A field may hold another register's number (an ABN under `company_number`),
    so a number that verifies as one register's counts as that.
    """
    identifiers_read: dict[Identifier, None] = {}
    for key, text in identifiers.items():
        number = _NOT_IN_NUMBER.sub("", text.upper())
        if not any(c.isdecimal() for c in number):
            continue
        identifiers_read[_recognise(_KEYS.get(key, NumberRegister.COMPANY), number)] = None
    return tuple(identifiers_read)


def acn_within(abn: Identifier) -> str:
    """The ACN that a company's ABN ends with, or an empty text: the systems may hold one of them each."""
    acn = abn.number[2:]
    return acn if abn.valid and acn_is_valid(acn) else ""


def _recognise(declared: NumberRegister, number: str) -> Identifier:
    for register, is_valid in _CHECKED.items():
        if is_valid(number):
            return Identifier(register, number, valid=True)
    if declared is not NumberRegister.COMPANY:
        return Identifier(declared, number, valid=False)
    if number.isdecimal() and len(number) <= 7:
        # Seven digits and fewer: New Zealand's, or a British one without its leading zeros.
        return Identifier(NumberRegister.COMPANY, number.zfill(8), valid=len(number.lstrip("0")) >= 4)
    return Identifier(NumberRegister.COMPANY, number, valid=uk_is_valid(number))


_CHECKED: Final = {
    NumberRegister.ABN: abn_is_valid,
    NumberRegister.ACN: acn_is_valid,
    NumberRegister.NZBN: nzbn_is_valid,
}
