"""The weights: one row for each piece of evidence, with its reason.

Points are roughly bits: three points more, and a chance agreement is eight times
less likely. `fades` is what each doubling of the number of clients who share the
value takes away, so that rare agreement weighs more than common agreement.
"""

from enum import StrEnum
from functools import lru_cache
from math import log2
from typing import Final, NamedTuple

SURE: Final = 15.0
"""From here on a pair can be sure: a name with one slip, the legal form, and half a second agreement."""

UNSURE: Final = 8.0
"""From here on a person should see the pair: a name alone, or a household's worth of shared details."""

GAP: Final = 5.0
"""How far the next best candidate must lie behind: a second full agreement's worth."""

LEAST_AGREEMENT: Final = 3.0
"""What a piece must still be worth, after fading, to count as one of the two independent agreements."""


DECIMALS: Final = 1
"""Points are shown and summed to this many decimals, so that what people see adds up."""


class EvidenceGroup(StrEnum):
    """Agreements of one group are not independent of each other."""

    XPM_ID = "XPM id"
    IDENTIFIER = "register number"
    NAME = "name"
    MIDDLE_NAME = "middle name"
    EMAIL = "e-mail"
    PHONE = "phone"
    ADDRESS = "address"
    CONTACT = "contact"

    @property
    def identifies(self) -> bool:
        """Whether it distinguishes two clients of one family or group, who share all the rest."""
        return self in (EvidenceGroup.XPM_ID, EvidenceGroup.IDENTIFIER, EvidenceGroup.NAME)


class Rule(StrEnum):
    """The pieces of evidence, names in the order of how well they fit; the value is the machine name in JSON."""

    XPM_ID_SAME = "xpm-id-same"
    XPM_ID_OTHER = "xpm-id-other"
    IDENTIFIER_SAME = "identifier-same"
    IDENTIFIER_UNVERIFIED = "identifier-unverified"
    IDENTIFIER_MISTYPED = "identifier-mistyped"
    IDENTIFIER_SLIP = "identifier-slip"
    IDENTIFIER_OTHER = "identifier-other"
    NAME_MIDDLE = "name-middle"
    NAME_SAME = "name-same"
    NAME_COUPLE = "name-couple"
    NAME_SHORT_FORM = "name-short-form"
    NAME_CONTACT = "name-contact"
    NAME_SLIP = "name-slip"
    NAME_SLIPS = "name-slips"
    NAME_FORMER = "name-former"
    NAME_TRADING = "name-trading"
    NAME_HINTED = "name-hinted"
    NAME_RHYME = "name-rhyme"
    NAME_SOLE_CONTACT = "name-sole-contact"
    NAME_DOUBLE_SURNAME = "name-double-surname"
    NAME_MORE_WORDS = "name-more-words"
    NAME_TRUSTEE = "name-trustee"
    NAME_GENERATION = "name-generation"
    NAME_SURNAME_CHANGED = "name-surname-changed"
    NAME_ONE_OF_COUPLE = "name-one-of-couple"
    NAME_PART = "name-part"
    NAME_OTHER_GIVEN = "name-other-given"
    NAME_NUMBER = "name-number"
    NAME_OTHER = "name-other"
    MIDDLE_NAME_SAME = "middle-name-same"
    NAME_COMMON = "name-common"
    NAME_CONFIRMED = "name-confirmed"
    NAME_NEW_SURNAME = "name-new-surname"
    FORM_SAME = "form-same"
    FORM_IN_A_FIELD = "form-in-a-field"
    FORM_LEFT_OUT = "form-left-out"
    FORM_UNSTATED = "form-unstated"
    FORM_OTHER = "form-other"
    EMAIL_SAME = "email-same"
    EMAIL_DESK = "email-desk"
    EMAIL_ROLE = "email-role"
    EMAIL_SLIP = "email-slip"
    EMAIL_LOCAL = "email-local"
    EMAIL_DOMAIN = "email-domain"
    EMAIL_CHANGED = "email-changed"
    EMAIL_OTHER = "email-other"
    PHONE_SAME = "phone-same"
    PHONE_OTHER = "phone-other"
    ADDRESS_SAME = "address-same"
    ADDRESS_STREET = "address-street"
    ADDRESS_POSTCODE = "address-postcode"
    ADDRESS_TOWN = "address-town"
    ADDRESS_MOVED = "address-moved"
    ADDRESS_OTHER = "address-other"
    CONTACT_SAME = "contact-same"
    CONTACT_OTHER = "contact-other"
    GROUP_SAME = "group-same"
    GROUP_OTHER = "group-other"
    ARCHIVED = "archived"


class Weight(NamedTuple):
    """Points, what each doubling of sharers takes, the group it is an agreement of, the sentence, the reason."""

    points: float
    fades: float
    group: EvidenceGroup | None
    sentence: str
    why: str


WEIGHTS: Final[dict[Rule, Weight]] = {
    Rule.XPM_ID_SAME: Weight(
        30, 6, EvidenceGroup.XPM_ID, "Ignition names this very XPM client ({}).", "Ignition's own link to XPM."
    ),
    Rule.XPM_ID_OTHER: Weight(-30, 0, None, "Ignition names another XPM client ({}).", "The same link, elsewhere."),
    Rule.IDENTIFIER_SAME: Weight(
        24, 6, EvidenceGroup.IDENTIFIER, "Same {}.", "Given once by a register; its check digits rule out most slips."
    ),
    Rule.IDENTIFIER_UNVERIFIED: Weight(
        5, 2, None, "Same {}, though its check digits are wrong.", "A placeholder or a copied slip: a hint."
    ),
    Rule.IDENTIFIER_MISTYPED: Weight(
        4,
        0,
        None,
        "One of the two has a slip in the {}, as its check digits show.",
        "No two register numbers are a slip apart; but somebody should mend it.",
    ),
    Rule.IDENTIFIER_SLIP: Weight(
        -6,
        0,
        None,
        "Different {}, one of them with wrong check digits.",
        "Mistyped once, or another entity: a person decides.",
    ),
    Rule.IDENTIFIER_OTHER: Weight(-24, 0, None, "Different {}.", "One legal entity has one number."),
    Rule.NAME_SAME: Weight(12, 1, EvidenceGroup.NAME, "Same name.", "What a practice knows a client by."),
    Rule.NAME_MIDDLE: Weight(
        14,
        1,
        EvidenceGroup.NAME,
        "Same name, the middle name or initial too.",
        "It distinguishes namesakes, father and son.",
    ),
    Rule.NAME_COUPLE: Weight(
        10,
        1,
        EvidenceGroup.NAME,
        "Same couple, written differently.",
        "Two initials and a surname seldom meet by chance.",
    ),
    Rule.NAME_SHORT_FORM: Weight(
        10,
        1,
        EvidenceGroup.NAME,
        "Same name, one with the short form of the given name.",
        "Bob is Robert; a little doubt.",
    ),
    Rule.NAME_CONTACT: Weight(
        10, 1, EvidenceGroup.NAME, "The contact of the one has the name of the other.", "Frank's contact is Francis."
    ),
    Rule.NAME_SLIP: Weight(
        9, 1, EvidenceGroup.NAME, "Same name but for a typing slip.", "Close, and no real other name."
    ),
    Rule.NAME_SLIPS: Weight(
        6,
        1,
        EvidenceGroup.NAME,
        "Same name but for several slips.",
        "Weaker with each slip: it needs two more agreements.",
    ),
    Rule.NAME_FORMER: Weight(
        8,
        1,
        EvidenceGroup.NAME,
        "The former name of the one is the name of the other.",
        "Written there by the practice.",
    ),
    Rule.NAME_TRADING: Weight(
        8, 1, EvidenceGroup.NAME, "The trading name of the one is a name of the other.", "Owners keep them for long."
    ),
    Rule.NAME_HINTED: Weight(
        6, 1, EvidenceGroup.NAME, "Same surname, and the given name fits.", "J is John, or Jane: half a name."
    ),
    Rule.NAME_RHYME: Weight(
        6,
        1,
        EvidenceGroup.NAME,
        "Same surname, and given names that differ by a letter.",
        "A slip, or Lara and her sister Lana.",
    ),
    Rule.NAME_SOLE_CONTACT: Weight(
        2,
        0,
        None,
        "The only contact of the one has the name of the other.",
        "Sjaak, whose contact is Jacobus, or a husband whose contact is his wife.",
    ),
    Rule.NAME_CONFIRMED: Weight(
        8,
        0,
        EvidenceGroup.NAME,
        "Same surname, the given name fits, and no other client that is left has the e-mail address.",
        "Two of one family who share a mailbox are nearly always both clients.",
    ),
    Rule.NAME_NEW_SURNAME: Weight(
        4,
        0,
        EvidenceGroup.NAME,
        "Same given name, and no other client that is left has the e-mail address: the surname may be new.",
        "Marriage: the mailbox and the phone or home stay.",
    ),
    Rule.NAME_DOUBLE_SURNAME: Weight(
        5, 1, None, "Same given name; one surname is part of the other.", "Marriage, or a daughter."
    ),
    Rule.NAME_MORE_WORDS: Weight(
        4, 0.5, None, "One name has more words than the other.", "Shortened, or a sister entity."
    ),
    Rule.NAME_TRUSTEE: Weight(
        2, 0, None, "The one is the trustee of the other.", "Practices mix them up, the law does not."
    ),
    Rule.NAME_SURNAME_CHANGED: Weight(
        -2, 0, None, "Same given name, different surname.", "Marriage, or someone else: the rest must decide."
    ),
    Rule.NAME_GENERATION: Weight(
        -4, 0, None, "Same name, but junior, senior or the middle name differs.", "Father and son share all else."
    ),
    Rule.NAME_ONE_OF_COUPLE: Weight(
        -8, 0, None, "The one is a couple, the other one of the two.", "Two clients in most practices."
    ),
    Rule.NAME_PART: Weight(-5, 0, None, "The names share some words only.", "Sister entities are named so."),
    Rule.NAME_NUMBER: Weight(-12, 0, None, "The numbers in the names differ.", "No 1 and No 2 are two entities."),
    Rule.NAME_OTHER_GIVEN: Weight(
        -14, 0, None, "Same surname, different given name.", "Two of one family, who share all the rest."
    ),
    Rule.NAME_OTHER: Weight(-11, 0, None, "Different names.", "Renamed, or another client of the same people."),
    Rule.MIDDLE_NAME_SAME: Weight(
        3,
        0,
        EvidenceGroup.MIDDLE_NAME,
        "Same middle name in full ({}).",
        "A third name besides given name and surname.",
    ),
    Rule.NAME_COMMON: Weight(
        -4,
        0,
        None,
        "Nothing but common names are the same, and something else differs.",
        "Two clients of that name are to be expected by chance.",
    ),
    Rule.FORM_SAME: Weight(2, 0, None, "Same legal form ({}).", "A handful of forms: little, but not nothing."),
    Rule.FORM_IN_A_FIELD: Weight(
        0,
        0,
        None,
        "Only one of the two has a legal form ({}), and both names leave it out.",
        "A blank field.",
    ),
    Rule.FORM_LEFT_OUT: Weight(
        0,
        0,
        None,
        "Only one of the two states its legal form ({}), but nobody else has the name, and the people are the same.",
        "Left out: another entity of the name would be a client, too.",
    ),
    Rule.FORM_UNSTATED: Weight(
        -1, 0, None, "Only one of the two states its legal form ({}).", "Left out, or the family's other entity."
    ),
    Rule.FORM_OTHER: Weight(-20, 0, None, "Different legal forms: {}.", "The trust is never the company."),
    Rule.EMAIL_SAME: Weight(
        9,
        2,
        EvidenceGroup.EMAIL,
        "Same e-mail address ({}).",
        "One person's or one family's: quick to fade when shared.",
    ),
    Rule.EMAIL_DESK: Weight(
        6,
        1.5,
        EvidenceGroup.EMAIL,
        "Same mailbox of a firm ({}).",
        "A small firm's desk serves the firm and its owners.",
    ),
    Rule.EMAIL_ROLE: Weight(
        2, 1, None, "Same role mailbox ({}).", "info@ belongs to a desk, which serves many clients."
    ),
    Rule.EMAIL_SLIP: Weight(
        4, 0, EvidenceGroup.EMAIL, "E-mail addresses that differ by a slip after the @.", "gmial.com is gmail.com."
    ),
    Rule.EMAIL_LOCAL: Weight(
        4, 1.5, EvidenceGroup.EMAIL, "The same e-mail name at another provider ({}@).", "People take it along."
    ),
    Rule.EMAIL_CHANGED: Weight(
        -0.5,
        0,
        None,
        "Different e-mail addresses, as happens when one changes.",
        "A desk's, the family's, or a new one.",
    ),
    Rule.EMAIL_DOMAIN: Weight(2, 1, None, "E-mail addresses at the same firm ({}).", "Colleagues, or a family's firm."),
    Rule.EMAIL_OTHER: Weight(-2.5, 0, None, "Different e-mail addresses.", "One pair in six: people have several."),
    Rule.PHONE_SAME: Weight(
        8, 2, EvidenceGroup.PHONE, "Same phone number: {}.", "As e-mail; landlines serve households."
    ),
    Rule.PHONE_OTHER: Weight(-1, 0, None, "Different phone numbers.", "One pair in three: work, home, new."),
    Rule.ADDRESS_SAME: Weight(7, 1.5, EvidenceGroup.ADDRESS, "Same address.", "A household's or an office's."),
    Rule.ADDRESS_STREET: Weight(4, 1, EvidenceGroup.ADDRESS, "Same street, another number.", "A slip, or a neighbour."),
    Rule.ADDRESS_POSTCODE: Weight(
        4, 0.5, EvidenceGroup.ADDRESS, "Same postcode.", "Distinguishes namesakes, but for the home town."
    ),
    Rule.ADDRESS_TOWN: Weight(0.5, 0, None, "Same town.", "Practices serve a few towns."),
    Rule.ADDRESS_MOVED: Weight(
        -1, 0, None, "Different addresses, as after a move.", "The phone or e-mail is the same."
    ),
    Rule.ADDRESS_OTHER: Weight(-2.5, 0, None, "Different addresses.", "One pair in six: people move."),
    Rule.CONTACT_SAME: Weight(
        4,
        1,
        EvidenceGroup.CONTACT,
        "Same contact person ({}).",
        "Half a name of a family's trust: worth less than an e-mail.",
    ),
    Rule.CONTACT_OTHER: Weight(-1, 0, None, "Different contact persons.", "Staff change."),
    Rule.GROUP_SAME: Weight(1.5, 0, None, "Same client group ({}).", "A group is a family: it holds them all."),
    Rule.GROUP_OTHER: Weight(-1.5, 0, None, "Different client groups.", "Groups are kept by hand."),
    Rule.ARCHIVED: Weight(-6, 0, None, "One of the two is archived.", "More than the gap: the active one goes first."),
}


HOUSEHOLD: Final = frozenset([EvidenceGroup.EMAIL, EvidenceGroup.PHONE, EvidenceGroup.ADDRESS])
"""What the clients of one household share."""
RELATIVES: Final = frozenset([Rule.NAME_OTHER_GIVEN, Rule.NAME_ONE_OF_COUPLE])
"""Names of two persons of one family."""
REACHABLE: Final = frozenset(rule for rule in Rule if rule.value.startswith(("email-", "phone-")))
"""Evidence that there is only where both records hold an e-mail address, or both a phone."""


@lru_cache(maxsize=4096)
def faded(rule: Rule, sharers: int | None = None) -> float:
    """The rule's points when that many clients share the value; agreement never fades past zero; to one decimal."""
    weight = WEIGHTS[rule]
    if sharers is None or not weight.fades:
        return weight.points
    return round(max(0.0, weight.points - weight.fades * log2(max(1, sharers))), DECIMALS)
