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
