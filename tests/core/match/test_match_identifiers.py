"""Register numbers: shapes, check digits, and numbers typed into the wrong field."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from xpmsync.core.match.identifiers import (
    Identifier,
    NumberRegister,
    abn_is_valid,
    acn_is_valid,
    acn_within,
    nzbn_is_valid,
    read,
    uk_is_valid,
)

# Examples that the registers themselves print in their explanations of the check digits.
ABN, ACN, NZBN = "51824753556", "004085616", "9429041925676"


@pytest.mark.parametrize("abn", [ABN, "83914571673", "53004085616"])
def test_valid_abn(abn: str) -> None:
    """Published examples verify."""
    assert abn_is_valid(abn)


@pytest.mark.parametrize("acn", [ACN, "000000019", "010499966", "001749999", "005999977"])
def test_valid_acn(acn: str) -> None:
    """Published examples verify, the one whose sum is a multiple of ten included."""
    assert acn_is_valid(acn)


def test_valid_nzbn() -> None:
    """A published example verifies."""
    assert nzbn_is_valid(NZBN)


@pytest.mark.parametrize(("valid", "number"), [(abn_is_valid, ABN), (nzbn_is_valid, NZBN)], ids=["abn", "nzbn"])
def test_every_single_wrong_digit_is_found(valid: Callable[[str], bool], number: str) -> None:
    """These check digits catch each single wrong digit."""
    for place in range(len(number)):
        for digit in "0123456789":
            wrong = number[:place] + digit + number[place + 1 :]
            assert valid(wrong) is (wrong == number)


def test_wrong_digits_of_an_acn() -> None:
    """A wrong digit is caught where its weight is odd; where it is even, all but a digit that is five off."""
    for place, weight in enumerate((8, 7, 6, 5, 4, 3, 2, 1, 1)):
        for digit in range(10):
            off = (digit - int(ACN[place])) * weight
            assert acn_is_valid(f"{ACN[:place]}{digit}{ACN[place + 1 :]}") is (off % 10 == 0)


@pytest.mark.parametrize(
    ("valid", "number"), [(abn_is_valid, ABN), (acn_is_valid, ACN), (nzbn_is_valid, NZBN)], ids=["abn", "acn", "nzbn"]
)
def test_other_shapes_never_verify(valid: Callable[[str], bool], number: str) -> None:
    """Too short, too long, a letter, a digit of another script, nothing."""
    for wrong in (
        number[:-1],
        number + "0",
        "0" + number,
        "X" + number[1:],
        f"{number[:4]}X{number[5:]}",
        "²" + number[1:],
        "",
    ):
        assert not valid(wrong)


def test_a_gs1_number_of_another_country_is_no_nzbn() -> None:
    """The check digit fits, the prefix does not: 94 is New Zealand's."""
    assert not nzbn_is_valid("4006381333931")


@pytest.mark.parametrize(
    ("number", "valid"),
    [
        ("00445790", True),
        ("SC123456", True),
        ("OC301234", True),
        ("NI012345", True),
        ("R0000123", True),
        ("XX123456", False),
        ("1234567", False),
        ("123456789", False),
        ("SC12345", False),
    ],
)
def test_shape_of_british_company_numbers(number: str, valid: bool) -> None:
    """Eight digits, or a known prefix and six: British numbers have no check digit."""
    assert uk_is_valid(number) is valid


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        ({"abn": "51 824 753 556"}, [Identifier(NumberRegister.ABN, ABN, valid=True)]),
        ({"company_number": "51 824 753 556"}, [Identifier(NumberRegister.ABN, ABN, valid=True)]),
        ({"company_number": "004 085 616"}, [Identifier(NumberRegister.ACN, ACN, valid=True)]),
        ({"abn": "51 824 753 557"}, [Identifier(NumberRegister.ABN, "51824753557", valid=False)]),
        ({"nzbn": NZBN}, [Identifier(NumberRegister.NZBN, NZBN, valid=True)]),
        ({"company_number": "sc 123456"}, [Identifier(NumberRegister.COMPANY, "SC123456", valid=True)]),
        ({"company_number": "1234567"}, [Identifier(NumberRegister.COMPANY, "01234567", valid=True)]),
        ({"company_number": "12"}, [Identifier(NumberRegister.COMPANY, "00000012", valid=False)]),
        ({"company_number": "1234"}, [Identifier(NumberRegister.COMPANY, "00001234", valid=True)]),
        ({"company_number": "123"}, [Identifier(NumberRegister.COMPANY, "00000123", valid=False)]),
        ({"company_number": "SC1234"}, [Identifier(NumberRegister.COMPANY, "SC1234", valid=False)]),
        ({"company_number": "00000012"}, [Identifier(NumberRegister.COMPANY, "00000012", valid=True)]),
        ({"abn": "n/a", "acn": ""}, []),
        ({"abn": ABN, "company_number": ABN}, [Identifier(NumberRegister.ABN, ABN, valid=True)]),
    ],
)
def test_reading(held: dict[str, str], expected: list[Identifier]) -> None:
    """A number counts as what it verifies as, wherever it was typed; texts without digits say nothing."""
    assert list(read(held)) == expected


def test_the_acn_within_an_abn() -> None:
    """A company's ABN ends with its ACN; other ABNs, and ABNs that do not verify, hold none."""
    assert acn_within(Identifier(NumberRegister.ABN, "53004085616", valid=True)) == "004085616"
    assert acn_within(Identifier(NumberRegister.ABN, "53004085616", valid=False)) == ""
    assert acn_within(Identifier(NumberRegister.ABN, ABN, valid=True)) == ""
