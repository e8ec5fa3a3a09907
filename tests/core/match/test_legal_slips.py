"""Legal words with slips and blanks at the wrong place: what is forgiven, and where a name keeps its words."""

from __future__ import annotations

import pytest

from xpmsync.core.match.legal_forms import Form
from xpmsync.core.match.name_parse import read_name


@pytest.mark.parametrize(
    ("text", "core", "form"),
    [
        ("Kea Unitt Trust", "kea", Form.UNIT_TRUST),
        ("Kea Unt Trust", "kea", Form.UNIT_TRUST),
        ("Kea Uint Trust", "kea", Form.UNIT_TRUST),
        ("Kea Famixy Trust", "kea", Form.FAMILY_TRUST),
        ("Kea Discertionaxy Trust", "kea", Form.FAMILY_TRUST),
        ("Okoro Supperanuation Fund", "okoro", Form.FUND),
        ("Okoro Retriemant Fund", "okoro", Form.FUND),
        ("Gull Supper Fund", "gull", Form.FUND),
        ("Ng FamilyTrust", "ng", Form.FAMILY_TRUST),
        ("K FamilyTrust", "k", Form.FAMILY_TRUST),
        ("MoanaSuper Fund", "moana", Form.FUND),
        ("NgoSuper Fund", "ngo", Form.FUND),
        ("Kea Propriety Lmited", "kea", Form.COMPANY),
    ],
)
def test_a_slip_in_a_legal_word_is_forgiven(text: str, core: str, form: Form) -> None:
    """A letter doubled, lost or swapped in a short word, another one in a long word, two slips in the longest."""
    name = read_name(text)
    assert (" ".join(name.core), name.form) == (core, form)


@pytest.mark.parametrize(
    ("text", "core", "form"),
    [
        ("Kea Family Crust", "kea family crust", Form.UNSTATED),
        ("Kea Unnt Trust", "kea unnt", Form.TRUST),
        ("Kea Fxmixy Trust", "kea fxmixy", Form.TRUST),
        ("Okoro Xuperannuatiox Fund", "okoro xuperannuatiox fund", Form.UNSTATED),
        ("Quick Tpy Ltd", "quick tpy", Form.COMPANY),
        ("Kea Estates", "kea estates", Form.UNSTATED),
        ("Kauri Nonlimited", "kauri nonlimited", Form.UNSTATED),
        ("MoanaFam Trust", "moanafam", Form.TRUST),
        ("NgSuper Fund", "ngsuper fund", Form.UNSTATED),
        ("Brown Tr ust", "brown tr ust", Form.UNSTATED),
        ("FamilyTrust", "familytrust", Form.UNSTATED),
    ],
)
def test_what_is_too_far_from_a_legal_word_stays_in_the_name(text: str, core: str, form: Form) -> None:
    """Another first letter, another letter in a short word, three letters, pieces of a short ending, nothing left."""
    name = read_name(text)
    assert (" ".join(name.core), name.form) == (core, form)


@pytest.mark.parametrize(
    ("text", "core", "form"),
    [
        ("The Penhale Famliy Trust", "penhale", Form.FAMILY_TRUST),
        ("Penhale Family Txust", "penhale", Form.FAMILY_TRUST),
        ("Penhale Trsut", "penhale", Form.TRUST),
        ("Okoro Superanuation Fund", "okoro", Form.FUND),
        ("Okoro Superannuation uFnd", "okoro", Form.FUND),
        ("OkoroS uperannuation Fund", "okoro", Form.FUND),
        ("Okoro Super Fnd", "okoro", Form.FUND),
        ("Sorrel & Finch Pty Lt", "sorrel finch", Form.COMPANY),
        ("Sorrel & Finch PtyLtd", "sorrel finch", Form.COMPANY),
        ("Marrow Lane Joinery Limted", "marrow lane joinery", Form.COMPANY),
        ("Castellan FamilyTrust", "castellan", Form.FAMILY_TRUST),
        ("CastellanFamily Trust", "castellan", Form.FAMILY_TRUST),
        ("GreenF amily Trust", "green", Form.FAMILY_TRUST),
        ("Green Partnershp", "green", Form.PARTNERSHIP),
        ("Dell No 2 Family Trus", "dell", Form.FAMILY_TRUST),
    ],
)
def test_slips_in_the_legal_words_and_across_blanks(text: str, core: str, form: Form) -> None:
    """Legal words are read with the forgiveness that names get."""
    name = read_name(text)
    assert (" ".join(name.core), name.form) == (core, form)


@pytest.mark.parametrize(
    ("text", "core", "form"),
    [
        ("Liz Truss", "liz truss", Form.PERSON),
        ("The Last Supper", "last supper", Form.UNSTATED),
        ("Unlimited Ideas", "unlimited ideas", Form.UNSTATED),
        ("Acme Unlimited", "acme unlimited", Form.UNSTATED),
        ("Family Care Trust", "family care", Form.TRUST),
        ("Church Unity Trust", "church unity", Form.TRUST),
        ("Peter Punit Trust", "peter punit", Form.TRUST),
        ("Quick Pay Ltd", "quick pay", Form.COMPANY),
        ("Rose Funk Trust", "rose funk", Form.TRUST),
        ("Famliy Trust", "famliy", Form.TRUST),
        ("Kea Famliy Hall Trust", "kea famliy hall", Form.TRUST),
        ("Kea Tru5t", "kea tru5t", Form.UNSTATED),
    ],
)
def test_words_of_their_own_are_no_slips(text: str, core: str, form: Form) -> None:
    """What only resembles a legal word stays a part of the name."""
    name = read_name(text)
    assert (" ".join(name.core), name.form) == (core, form)
