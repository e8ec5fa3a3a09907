"""The score: a sum of signed, named pieces of evidence for one pair of clients."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from math import log2
from typing import Final

from xpmsync.core.match.addresses import Nearness, compare as compare_places
from xpmsync.core.match.emails import compare_emails
from xpmsync.core.match.frequencies import Context, Value
from xpmsync.core.match.identifiers import Identifier, NumberRegister, acn_within
from xpmsync.core.match.legal_forms import Form, at_odds
from xpmsync.core.match.name_compare import compare_names, trading_names_differ
from xpmsync.core.match.record import (
    MatchRecord,
    contact_as_written,
    group_as_written,
    phone_as_written,
    phone_tail,
    read_record,
)
from xpmsync.core.match.text import edit_distance
from xpmsync.core.match.verdict import CAPS, Cap, Evidence, Note, Piece, Scored, Verdict, agreements, band, piece_of
from xpmsync.core.match.weights import DECIMALS, HOUSEHOLD, LEAST_AGREEMENT, WEIGHTS, EvidenceGroup, Rule, faded
from xpmsync.core.model import Client


def evidence(xpm: Client, ignition: Client, context: Context) -> Verdict:
    """Weigh two clients against each other; the gap to other candidates is for `match` to decide."""
    return explain(read_record(xpm), read_record(ignition), context)


def explain(
    xpm: MatchRecord,
    ignition: MatchRecord,
    context: Context,
    more_caps: Iterable[Cap] = (),
    notes: Iterable[Note] = (),
) -> Verdict:
    """Weigh two records and put the evidence into words."""
    return in_words(score(xpm, ignition, context), xpm, ignition, more_caps, notes)


def in_words(
    scored: Scored,
    xpm: MatchRecord,
    ignition: MatchRecord,
    more_caps: Iterable[Cap] = (),
    notes: Iterable[Note] = (),
) -> Verdict:
    """Put what two records were found to have in common into words, weightiest piece first."""
    caps = scored.caps | frozenset(more_caps)
    pieces = sorted(scored.pieces, key=lambda p: -abs(p.points))
    return Verdict(
        xpm_id=xpm.id,
        ignition_id=ignition.id,
        score=scored.points,
        band=band(scored.points, scored.pieces, caps),
        evidence=tuple(Evidence(p.rule.value, p.points, sentence(p, xpm, ignition)) for p in pieces),
        caps=tuple(cap for cap in Cap if cap in caps),
        notes=tuple(notes),
    )


def score(a: MatchRecord, b: MatchRecord, context: Context, name: Rule | None = None) -> Scored:
    """Weigh two records; a field that one of them lacks is no evidence.

    `name` is how their names compare, where that is known before.
    """
    name = name or compare_names(a.name, b.name, context)
    compared = (
        _xpm_id(a, b),
        _identifiers(a, b, context),
        _name(a, b, name, context),
        _form(a, b, name, context),
        compare_emails(a, b, context),
        _phones(a, b, context),
        _places(a, b, context),
        _contacts(a, b, context),
        _groups(a, b),
        piece_of(Rule.ARCHIVED) if a.archived != b.archived else None,
    )
    pieces = [piece for piece in compared if piece is not None]
    rules = {piece.rule for piece in pieces}
    if rules & _SHED_LIGHT:
        pieces = _explained(_of_one_desk(pieces))
        if name in _CONFIRMED:
            pieces = _confirmed(name, pieces, context)
        rules = {piece.rule for piece in pieces}
    if name is Rule.NAME_MIDDLE and not rules & _ANY_DIFFERENCE:
        pieces += _middle_name(a, b)
    agreed = agreements(pieces)
    named_alone = EvidenceGroup.NAME in agreed <= _NAMES and a.system is not b.system
    if named_alone and rules & _DIFFERENCES:
        common = _common_name(a, b, context)
        pieces += [common] if common else []
    caps = {CAPS[rule] for rule in rules if rule in CAPS}
    if a.name.others and b.name.others and trading_names_differ(a.name, b.name, context):
        caps.add(Cap.TRADING)
    one_name = EvidenceGroup.NAME in agreed and name is not Rule.NAME_MIDDLE
    if one_name and rules & _OTHER_MAILBOX and _HOUSEHOLD.issubset(rules) and _of_a_family(a, b, context):
        caps.add(Cap.NAMESAKE)
    if rules & _NOT_IN_BOTH and not agreed & HOUSEHOLD:
        caps.add(Cap.FORM_UNSTATED)  # the contact is that of the family's other entities, too
    return Scored(round(sum([piece.points for piece in pieces]), DECIMALS), tuple(pieces), frozenset(caps))


_SHED_LIGHT: Final = frozenset([Rule.EMAIL_SAME, Rule.EMAIL_DESK, Rule.PHONE_SAME])
"""Without one of these pieces, as most pairs are, none of the others is to be read in another light."""

_OTHER_MAILBOX: Final = frozenset([Rule.EMAIL_OTHER, Rule.EMAIL_CHANGED])
_HOUSEHOLD: Final = frozenset([Rule.PHONE_SAME, Rule.ADDRESS_SAME])
_FAMILY: Final = 3
"""With so many clients at one phone and home, parents and children are among them."""


def _of_a_family(a: MatchRecord, b: MatchRecord, context: Context) -> bool:
    """Whether the two are persons who have nothing in common but the phone and home of a family of clients."""
    if len(a.name.people) != 1:
        return False
    phones = {phone_tail(phone) for phone in a.phones} & {phone_tail(phone) for phone in b.phones}
    homes = [context.count_of_all(Value.PLACE, place.key) for place in (*a.places, *b.places)]
    return max(homes) >= _FAMILY and all(context.count_of_all(Value.PHONE, phone) >= _FAMILY for phone in phones)


_UNLIKE: Final = frozenset(rule for rule in Rule if rule.value.startswith("name-") and WEIGHTS[rule].points <= -2)


def cannot_be_one(a: MatchRecord, b: MatchRecord, name: Rule, context: Context) -> bool:
    """Whether legal forms and names both differ, so that nothing but a register's number could make up for it.

    All else that two records can have in common is worth less than the two differences: they need not be weighed.
    """
    if name not in _UNLIKE or (a.identifiers and b.identifiers) or (a.number and b.number):
        return False
    form = _form(a, b, name, context)
    return form is not None and form.rule is Rule.FORM_OTHER


_EXPLAINED: Final = {
    Rule.EMAIL_OTHER: (Rule.EMAIL_CHANGED, frozenset([Rule.PHONE_SAME])),
    Rule.ADDRESS_OTHER: (Rule.ADDRESS_MOVED, frozenset([Rule.PHONE_SAME, Rule.EMAIL_SAME])),
}
"""Disagreement that weighs less where something else of the person is the same."""


def _of_one_desk(pieces: list[Piece]) -> list[Piece]:
    """A firm's mailbox is worth less where its people differ."""
    if {Rule.EMAIL_DESK, Rule.CONTACT_OTHER}.issubset([piece.rule for piece in pieces]):
        return [piece_of(Rule.EMAIL_ROLE, p.detail, p.sharers) if p.rule is Rule.EMAIL_DESK else p for p in pieces]
    return pieces


def _explained(pieces: list[Piece]) -> list[Piece]:
    if not any(piece.rule in _EXPLAINED for piece in pieces):
        return pieces
    agreed = {piece.rule for piece in pieces if piece.points >= LEAST_AGREEMENT}
    return [
        piece_of(_EXPLAINED[p.rule][0]) if p.rule in _EXPLAINED and agreed & _EXPLAINED[p.rule][1] else p
        for p in pieces
    ]


_CONFIRMED: Final = {Rule.NAME_HINTED: Rule.NAME_CONFIRMED, Rule.NAME_SURNAME_CHANGED: Rule.NAME_NEW_SURNAME}
"""Names that fit by half, and what they are where a mailbox of nobody else confirms them."""


def _confirmed(name: Rule, pieces: list[Piece], context: Context) -> list[Piece]:
    """Take half a name for a whole one where the two have a mailbox that no other client of either system has.

    With another surname they must have the phone or the home in common, too.
    """
    mailbox = next((p.detail for p in pieces if p.rule is Rule.EMAIL_SAME), "")
    if not mailbox or context.count(Value.EMAIL, mailbox) > 1:
        return pieces
    if name is Rule.NAME_SURNAME_CHANGED and not agreements(pieces) & _HOME:
        return pieces
    return [piece_of(_CONFIRMED[name]) if p.rule is name else p for p in pieces]


_HOME: Final = frozenset([EvidenceGroup.PHONE, EvidenceGroup.ADDRESS])


def _xpm_id(a: MatchRecord, b: MatchRecord) -> Piece | None:
    if a.system is b.system or not (a.number and b.number):
        return None
    return piece_of(Rule.XPM_ID_SAME if a.number == b.number else Rule.XPM_ID_OTHER, b.number)


def _identifiers(a: MatchRecord, b: MatchRecord, context: Context) -> Piece | None:
    """The weightiest comparison of the register numbers that both hold, disagreement first."""
    if not (a.identifiers and b.identifiers):
        return None
    left, right = ({i.register: i for i in r.identifiers} for r in (a, b))
    by_rule: defaultdict[Rule, list[Identifier]] = defaultdict(list)
    for register in left.keys() & right.keys():
        identifier, other = left[register], right[register]
        valid = identifier.valid and other.valid
        if identifier.number == other.number:
            by_rule[Rule.IDENTIFIER_SAME if valid else Rule.IDENTIFIER_UNVERIFIED].append(identifier)
        elif identifier.valid is not other.valid and edit_distance(identifier.number, other.number) == 1:
            by_rule[Rule.IDENTIFIER_MISTYPED].append(identifier)
        else:
            by_rule[Rule.IDENTIFIER_OTHER if valid else Rule.IDENTIFIER_SLIP].append(identifier)
    for mine, theirs in ((left, right), (right, left)):
        abn, acn = mine.get(NumberRegister.ABN), theirs.get(NumberRegister.ACN)
        if abn and acn and acn_within(abn) == acn.number:
            by_rule[Rule.IDENTIFIER_SAME].append(acn)
    for rule in _NUMBER_RULES:
        if by_rule[rule]:
            sharers = max(context.count(Value.IDENTIFIER, i.number) for i in by_rule[rule])
            return piece_of(
                rule, " and ".join(sorted({f"{i.register.value} {i.number}" for i in by_rule[rule]})), sharers
            )
    return None


_NUMBER_RULES: Final = (
    Rule.IDENTIFIER_OTHER,
    Rule.IDENTIFIER_SLIP,
    Rule.IDENTIFIER_SAME,
    Rule.IDENTIFIER_MISTYPED,
    Rule.IDENTIFIER_UNVERIFIED,
)


def _name(a: MatchRecord, b: MatchRecord, name: Rule, context: Context) -> Piece:
    return piece_of(name, sharers=max(context.count(Value.NAME, a.name_key), context.count(Value.NAME, b.name_key)))


def _middle_name(a: MatchRecord, b: MatchRecord) -> list[Piece]:
    """The middle name that two persons of one name both have in full; `Mary-Ann` is a given name."""
    if len(a.name.people) > 1 or "-" in a.client.name or "-" in b.client.name:
        return []
    middle, same = (record.name.people[0].given[1] for record in (a, b))
    return [piece_of(Rule.MIDDLE_NAME_SAME, middle)] if middle == same and len(middle) > 1 else []


_NAMES: Final = frozenset([EvidenceGroup.NAME, EvidenceGroup.CONTACT])
_DIFFERENCES: Final = frozenset([Rule.EMAIL_OTHER, Rule.PHONE_OTHER, Rule.ADDRESS_OTHER, Rule.CONTACT_OTHER])
_ANY_DIFFERENCE: Final = _DIFFERENCES | {Rule.EMAIL_CHANGED, Rule.ADDRESS_MOVED}
_EXPECTED: Final = 0.25
"""From so many clients on that have a name by chance, it weighs less as the only agreement, a point each doubling."""


def _common_name(a: MatchRecord, b: MatchRecord, context: Context) -> Piece | None:
    expected = max(context.namesakes(r.name) for r in (a, b))
    if expected <= _EXPECTED:
        return None
    least = WEIGHTS[Rule.NAME_COMMON].points
    return Piece(Rule.NAME_COMMON, max(least, -round(log2(expected / _EXPECTED), DECIMALS)))


_ONE_NAME: Final = frozenset([Rule.NAME_SAME, Rule.NAME_MIDDLE])
_COUPLES: Final = frozenset([Form.PERSON, Form.PARTNERSHIP])


_NOT_IN_BOTH: Final = frozenset([Rule.FORM_IN_A_FIELD, Rule.FORM_LEFT_OUT])
_NOT_IN_NAME: Final = frozenset([Form.UNSTATED, Form.PERSON])


def _form(a: MatchRecord, b: MatchRecord, name: Rule, context: Context) -> Piece | None:
    if a.form is b.form:
        return None if a.form is Form.UNSTATED else piece_of(Rule.FORM_SAME, a.form.value)
    stated = a.form if b.form is Form.UNSTATED else b.form
    if Form.UNSTATED in (a.form, b.form) and {a.name.form, b.name.form} <= _NOT_IN_NAME and name in _ONE_NAME:
        return None if stated is Form.PERSON else piece_of(Rule.FORM_IN_A_FIELD, stated.value)
    if len(a.name.people) > 1 < len(b.name.people) and {a.form, b.form} <= _COUPLES:
        # "J & M Smith" may be the couple or their partnership: the partnership is merely not stated.
        return piece_of(_unstated(a, b, name, context), Form.PARTNERSHIP.value)
    if at_odds(a.form, b.form):
        return piece_of(Rule.FORM_OTHER, f"{a.form.value} and {b.form.value}")
    if Form.UNSTATED not in (a.form, b.form):
        return piece_of(Rule.FORM_SAME, max(a.form.value, b.form.value, key=len))
    return None if stated is Form.PERSON else piece_of(_unstated(a, b, name, context), stated.value)


_WHOLE_NAMES: Final = _ONE_NAME | {Rule.NAME_COUPLE, Rule.NAME_SHORT_FORM}


def _unstated(a: MatchRecord, b: MatchRecord, name: Rule, context: Context) -> Rule:
    """Whether a legal form is merely left out, as nobody else has the name and the people are the same.

    They are where the name is a couple's, or a firm's with the same contacts. A person is not the own estate or trust.
    """
    couple = min(len(a.name.people), len(b.name.people)) > 1
    same_contacts = bool(a.contacts) and set(a.contacts) == set(b.contacts)
    no_person = not (a.name.people or b.name.people or (a.contacts and b.contacts))
    firm = (same_contacts or no_person) and len(a.name.core) > 1
    of_one = name in _WHOLE_NAMES and all(context.count_of_all(Value.NAME_OF_ANY_FORM, r.name.key) == 1 for r in (a, b))
    surnames = {p.surname for p in (*a.contacts, *b.contacts)}
    partners = Form.PARTNERSHIP in (a.form, b.form) and all(any(w in s for s in surnames) for w in a.name.core)
    people = couple or partners or (firm and Form.ESTATE not in (a.form, b.form))
    return Rule.FORM_LEFT_OUT if people and of_one else Rule.FORM_UNSTATED


def _phones(a: MatchRecord, b: MatchRecord, context: Context) -> Piece | None:
    if not (a.phones and b.phones):
        return None
    shared = [p for p in a.phones if any(p.endswith(q) or q.endswith(p) for q in b.phones)]
    return _rarest(Rule.PHONE_SAME, shared, lambda p: context.count(Value.PHONE, phone_tail(p)), Rule.PHONE_OTHER)


def _rarest(rule: Rule, shared: Sequence[str], sharers: Callable[[str], int], otherwise: Rule) -> Piece:
    """Agreement on the value that the fewest clients share, or the rule for no agreement at all."""
    if not shared:
        return piece_of(otherwise)
    best = min(shared, key=sharers)
    return piece_of(rule, best, sharers(best))


_NEARNESS: Final = {
    Nearness.ELSEWHERE: Rule.ADDRESS_OTHER,
    Nearness.TOWN: Rule.ADDRESS_TOWN,
    Nearness.POSTCODE: Rule.ADDRESS_POSTCODE,
    Nearness.STREET: Rule.ADDRESS_STREET,
    Nearness.SAME: Rule.ADDRESS_SAME,
}


def _places(a: MatchRecord, b: MatchRecord, context: Context) -> Piece | None:
    nearness, place = compare_places(a.places, b.places)
    if place is None:
        return None
    rule = _NEARNESS[nearness]
    if nearness is Nearness.POSTCODE:
        fading = context.in_two_hundred(Value.POSTCODE, place.postcode)
        return Piece(rule, faded(rule, fading), "", context.count(Value.POSTCODE, place.postcode))
    if nearness is Nearness.STREET:
        return piece_of(rule, sharers=context.count(Value.STREET, place.street))
    if nearness is Nearness.SAME:
        return piece_of(rule, sharers=context.count(Value.PLACE, place.key))
    return piece_of(rule)


def _contacts(a: MatchRecord, b: MatchRecord, context: Context) -> Piece | None:
    if not (a.contacts and b.contacts):
        return None
    keys = {p.key for p in b.contacts}
    shared = [p.key for p in a.contacts if p.key in keys]
    return _rarest(Rule.CONTACT_SAME, shared, lambda key: context.count(Value.CONTACT, key), Rule.CONTACT_OTHER)


def _groups(a: MatchRecord, b: MatchRecord) -> Piece | None:
    if not (a.groups and b.groups):
        return None
    shared = next((g for g in a.groups if g in b.groups), "")
    return piece_of(Rule.GROUP_SAME if shared else Rule.GROUP_OTHER, shared)


def sentence(piece: Piece, xpm: MatchRecord, ignition: MatchRecord) -> str:
    """Put one piece of evidence about these two records into words."""
    weight = WEIGHTS[piece.rule]
    text = weight.sentence.format(_detail(piece, xpm, ignition))
    return f"{text} {piece.sharers} clients share it." if piece.sharers > 1 and weight.fades else text


def _detail(piece: Piece, xpm: MatchRecord, ignition: MatchRecord) -> str:
    """The agreed value as the records write it; a contact whom they name differently by both names."""
    match piece.rule:
        case Rule.MIDDLE_NAME_SAME:
            return piece.detail.capitalize()
        case Rule.PHONE_SAME:
            return phone_as_written(xpm.client, piece.detail)
        case Rule.GROUP_SAME:
            return group_as_written(xpm.client, piece.detail)
        case Rule.CONTACT_SAME:
            names = (contact_as_written(record.client, piece.detail) for record in (xpm, ignition))
            return " and ".join({name.casefold(): name for name in names}.values())
        case _:
            return piece.detail
