"""XPM's element names: their order in answers, the names they are written under, how long they may be.

From the facts about `client.api` v3.1 (section 2.1 and 2.3): read and write names
differ, and some elements cannot be written at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

__all__ = [
    "BILLING_TERMS",
    "CLIENT_HEAD",
    "CLIENT_TAX",
    "CLIENT_WRITES",
    "CONTACT_FIELDS",
    "NEVER_OMITTED",
    "BillingTerms",
    "too_long",
]


@dataclass(frozen=True, slots=True)
class BillingTerms:
    """What XPM calls a client's `Type`: how it is billed."""

    markup: str
    term: str
    day: int


BILLING_TERMS: Final[Mapping[str, BillingTerms]] = {
    "20th of Month": BillingTerms("30.00", "DayOfMonth", 20),
    "14 days": BillingTerms("0.00", "WithinDays", 14),
    "Fixed monthly": BillingTerms("10.00", "DayOfMonth", 1),
}
"""Billing terms by name."""

CLIENT_HEAD: Final = (
    "Name",
    "Title",
    "Gender",
    "FirstName",
    "LastName",
    "OtherName",
    "Email",
    "DateOfBirth",
    "Address",
    "City",
    "Region",
    "PostCode",
    "Country",
    "PostalAddress",
    "PostalCity",
    "PostalRegion",
    "PostalPostCode",
    "PostalCountry",
    "Phone",
    "Fax",
    "Website",
    "ReferralSource",
    "ExportCode",
    "ClientCode",
    "IsProspect",
)
"""Text elements of a client in answers, up to its flags."""

CLIENT_TAX: Final = (
    "TaxNumber",
    "CompanyNumber",
    "BusinessNumber",
    "BranchNumber",
    "BusinessStructure",
    "BalanceMonth",
    "PrepareGST",
    "GSTRegistered",
    "GSTPeriod",
    "GSTBasis",
    "ProvisionalTaxBasis",
    "ProvisionalTaxRatio",
    "SignedTaxAuthority",
    "TaxAgent",
    "AgencyStatus",
    "ReturnType",
    "PrepareActivityStatement",
    "PrepareTaxReturn",
    "BankAccountName",
    "BankBranchNumber",
    "BankAccountNumber",
)
"""Text elements of the tax and bank block, which may be missing as a whole."""

CONTACT_FIELDS: Final = ("Name", "Salutation", "Addressee", "Mobile", "Email", "Phone")
"""Text elements of a contact; position and the primary flag belong to its place at a client."""

NEVER_OMITTED: Final = frozenset({"Name", "Address", "Phone"})
"""Elements that answers always have, blank or not; any other blank one may be missing."""

_UNWRITABLE: Final = frozenset({"Website", "IsProspect", "BankAccountName", "BankBranchNumber", "BankAccountNumber"})

CLIENT_WRITES: Final[Mapping[str, str]] = {
    **{name: name for name in CLIENT_HEAD + CLIENT_TAX if name not in _UNWRITABLE},
    "WebSite": "Website",
}
"""The names a write may use, with the name each is read under; any other name is ignored."""

_LIMITS: Final[Mapping[str, int]] = {
    "Address": 500,
    "PostalAddress": 500,
    "Phone": 50,
    "Mobile": 50,
    "Fax": 50,
    "PostCode": 20,
    "PostalPostCode": 20,
    "TaxNumber": 20,
}


def too_long(name: str, value: str) -> str | None:
    """XPM's refusal of an over-long value, or None. Characters; 255 where no other limit is known."""
    limit = _LIMITS.get(name, 255)
    if len(value) <= limit:
        return None
    return f"The field {name} must be a string with a maximum length of {limit}."
