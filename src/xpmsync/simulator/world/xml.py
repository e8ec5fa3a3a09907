"""Records as XPM writes them: compact XML on one line, `UUID` last, blanks in three spellings or missing.

Real answers mix `<X/>`, `<X></X>` and absence, both cases of UUIDs and `yes`
beside `Yes` (facts, 2.1). Which of them a record shows depends on its number
alone, so answers are the same on every run.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from xpmsync.simulator.world import records

_SPECIAL: Final = re.compile(r"[&<>\r\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_ILLEGAL: Final = re.compile(r"[\x00-\x08\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


def escape(text: str) -> str:
    """Text for an element; most characters that XML cannot carry are dropped, as XPM's screens do.

    A vertical tab goes out as the forbidden reference that has been seen in such answers (facts, 4).
    """
    if not _SPECIAL.search(text):
        return text
    text = _ILLEGAL.sub("", text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text.replace("\r", "&#xD;").replace("\x0b", "&#11;")


def response_start(method: str) -> bytes:
    """Begin a good answer; the root's attribute names the method."""
    return f'<Response api-method="{method}"><Status>OK</Status>'.encode()


def response_end() -> bytes:
    """End an answer."""
    return b"</Response>"


def response(method: str, *parts: str) -> bytes:
    """A whole good answer."""
    return b"".join((response_start(method), "".join(parts).encode(), response_end()))


def error(method: str, description: str) -> bytes:
    """The envelope of a refusal, sent with HTTP 200 or 500."""
    return (
        f'<Response api-method="{method}"><Status>ERROR</Status>'
        f"<ErrorDescription>{escape(description)}</ErrorDescription></Response>"
    ).encode()


def render_client(client: records.WorldClient) -> tuple[bytes, bytes, bytes]:
    """A client in three pieces: as `list` has it, what detailed answers add, and its end."""
    base = _head(client) + _tax(client) + _members(client.members, client.number)
    more = _notes(client.notes) + _groups(client.groups) + _relationships(client.relationships)
    return base.encode(), more.encode(), _end(client).encode()


def detailed_client(client: records.WorldClient) -> str:
    """A client as `get`, `add` and `update` answer it."""
    return b"".join(render_client(client)).decode()


def base_client(client: records.WorldClient) -> str:
    """A client as `paged-list` has it: no tax block, no contacts, no groups."""
    return _head(client) + _end(client)


def contact(person: records.WorldContact, place: records.Member | None, number: int = 0) -> str:
    """A contact; position and primary flag only where its place at a client is known."""
    parts = [f"<Contact><UUID>{person.uuid.upper() if number % 7 == 3 else person.uuid}</UUID>"]
    parts.extend(_texts(CONTACT_FIELDS, person.fields, number))
    parts.append(f"<IsDeleted>{_flag(person.deleted, number)}</IsDeleted>")
    if place is not None:
        parts.append(f"<IsPrimary>{_flag(place.primary, number)}</IsPrimary>")
        parts.extend(_texts(("Position",), {"Position": place.position}, number))
    parts.append("</Contact>")
    return "".join(parts)


def group(record: records.ClientGroup, members: Iterable[records.Ref] | None = None) -> str:
    """A client group, with its members where they are asked for."""
    taxable = "Yes" if record.taxable else "No"
    text = f"<Group>{_ref(record)}<Taxable>{taxable}</Taxable>"
    if members is not None:
        text += f"<Clients>{''.join(f'<Client>{_ref(member)}</Client>' for member in members)}</Clients>"
    return f"{text}</Group>"


def staff(member: records.StaffMember) -> str:
    """Somebody who works at the practice."""
    return (
        f"<Staff>{_ref(member)}<Email>{escape(member.email)}</Email><Phone>{escape(member.phone)}</Phone>"
        f"<Mobile>{escape(member.mobile)}</Mobile><Address/><PayrollCode/></Staff>"
    )


def _end(client: records.WorldClient) -> str:
    """The UUID, now and then in capitals, comes last."""
    return f"<UUID>{client.uuid.upper() if client.number % 7 == 0 else client.uuid}</UUID></Client>"


def _head(client: records.WorldClient) -> str:
    fields = client.fields
    birth = fields.get("DateOfBirth")
    if birth and client.number % 2:
        fields = {**fields, "DateOfBirth": f"{birth}T00:00:00"}
    parts = ["<Client>", *_texts(CLIENT_HEAD, fields, client.number)]
    parts.append(f"<IsArchived>{_flag(client.archived, client.number)}</IsArchived>")
    parts.append(f"<IsDeleted>{_flag(client.deleted, client.number)}</IsDeleted>")
    for name, ref in (
        ("AccountManager", client.account_manager),
        ("JobManager", client.job_manager),
        ("BillingClient", client.billing),
    ):
        if ref is not None:
            parts.append(f"<{name}>{_ref(ref)}</{name}>")
        elif client.number % 3:
            parts.append(f"<{name}/>")
    terms = BILLING_TERMS.get(fields.get("Type", ""))
    if terms is not None:
        parts.append(
            f"<Type><Name>{fields['Type']}</Name><CostMarkup>{terms.markup}</CostMarkup>"
            f"<PaymentTerm>{terms.term}</PaymentTerm><PaymentDay>{terms.day}</PaymentDay></Type>"
        )
    return "".join(parts)


def _tax(client: records.WorldClient) -> str:
    if not any(name in client.fields for name in CLIENT_TAX):
        return ""  # a practice without the tax module has no such block at all
    fields = client.fields
    number = fields.get("TaxNumber", "")
    if number:
        fields = {**fields, "TaxNumber": "******" + number[-3:]}
    return "".join(_texts(CLIENT_TAX, fields, client.number))


def _members(members: Sequence[records.Member], number: int) -> str:
    if not members:
        return ("<Contacts/>", "<Contacts></Contacts>", "")[number % 3]
    return f"<Contacts>{''.join(contact(m.contact, m, number) for m in members)}</Contacts>"


def _notes(notes: Sequence[records.ClientNote]) -> str:
    if not notes:
        return "<Notes/>"
    return "<Notes>" + "".join(
        f"<Note><Title>{escape(n.title)}</Title><Text>{escape(n.text)}</Text><Folder>{escape(n.folder)}</Folder>"
        f"<Date>{n.date}</Date><CreatedBy>{escape(n.created_by)}</CreatedBy></Note>"
        for n in notes
    ) + "</Notes>"  # fmt: skip


def _groups(groups: Sequence[records.Ref]) -> str:
    if not groups:
        return "<Groups></Groups>"
    return f"<Groups>{''.join(f'<Group>{_ref(g)}</Group>' for g in groups)}</Groups>"


def _relationships(ties: Sequence[records.Relationship]) -> str:
    if not ties:
        return "<Relationships/>"
    return "<Relationships>" + "".join(
        f"<Relationship><UUID>{t.uuid}</UUID><Type>{escape(t.kind)}</Type>"
        f"<RelatedClient>{_ref(t.related)}</RelatedClient><NumberOfShares>{t.shares}</NumberOfShares>"
        f"<Percentage>{t.percentage}</Percentage><StartDate>{t.start}</StartDate><EndDate>{t.end}</EndDate>"
        "</Relationship>"
        for t in ties
    ) + "</Relationships>"  # fmt: skip


def _texts(names: Sequence[str], fields: Mapping[str, str], number: int) -> list[str]:
    parts: list[str] = []
    for place, name in enumerate(names):
        value = fields.get(name)
        if value:
            parts.append(f"<{name}>{escape(value)}</{name}>")
        else:
            style = (number + place) % 3
            if style == 1 or (style == 2 and name in NEVER_OMITTED):
                parts.append(f"<{name}/>")
            elif style == 0:
                parts.append(f"<{name}></{name}>")
    return parts


def _ref(record: records.Ref | records.ClientGroup | records.StaffMember) -> str:
    return f"<UUID>{record.uuid}</UUID><Name>{escape(record.name)}</Name>"


def _flag(value: bool, number: int) -> str:
    text = "Yes" if value else "No"
    return text.lower() if number % 11 == 5 else text


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
