"""The score: a sum of signed, named pieces of evidence for one pair of clients."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from math import log2
from typing import Final

from xpmsync.core.match.addresses import Nearness, compare as compare_places
from xpmsync.core.match.frequencies import Context, Value
from xpmsync.core.match.identifiers import Identifier, NumberRegister, acn_within
from xpmsync.core.match.legal_forms import Form, at_odds
from xpmsync.core.match.name_compare import compare_names, trading_names_differ
from xpmsync.core.match.record import (
    FREE_MAIL,
    ROLE_MAILBOXES,
    MatchRecord,
    contact_as_written,
    group_as_written,
    is_role,
    phone_as_written,
    phone_tail,
    read_record,
)
from xpmsync.core.match.text import edit_distance
from xpmsync.core.match.verdict import CAPS, Cap, Evidence, Note, Piece, Scored, Verdict, agreements, band
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
        _form(a, b, name),
        _emails(a, b, context),
        _phones(a, b, context),
        _places(a, b, context),
        _contacts(a, b, context),
        _groups(a, b),
        _piece(Rule.ARCHIVED) if a.archived != b.archived else None,
    )
    pieces = _explained([piece for piece in compared if piece is not None])
    rules = {piece.rule for piece in pieces}
    agreed = agreements(pieces)
    named_alone = EvidenceGroup.NAME in agreed <= _NAMES and a.system is not b.system
    if named_alone and rules & _DIFFERENCES:
        common = _common_name(a, b, context)
        pieces += [common] if common else []
    caps = {CAPS[rule] for rule in rules & CAPS.keys()}
    if a.name.others and b.name.others and trading_names_differ(a.name, b.name, context):
        caps.add(Cap.TRADING)
    if Rule.FORM_IN_A_FIELD in rules and not agreed & HOUSEHOLD:
        caps.add(Cap.FORM_UNSTATED)  # the contact is that of the family's other entities, too
    return Scored(round(sum([piece.points for piece in pieces]), DECIMALS), tuple(pieces), frozenset(caps))


_UNLIKE: Final = frozenset(rule for rule in Rule if rule.value.startswith("name-") and WEIGHTS[rule].points <= -2)


def cannot_be_one(a: MatchRecord, b: MatchRecord, name: Rule) -> bool:
    """Whether legal forms and names both differ, so that nothing but a register's number could make up for it.

    All else that two records can have in common is worth less than the two differences: they need not be weighed.
    """
    if name not in _UNLIKE or (a.identifiers and b.identifiers) or (a.number and b.number):
        return False
    form = _form(a, b, name)
    return form is not None and form.rule is Rule.FORM_OTHER


_EXPLAINED: Final = {
    Rule.EMAIL_OTHER: (Rule.EMAIL_CHANGED, frozenset([Rule.PHONE_SAME])),
    Rule.ADDRESS_OTHER: (Rule.ADDRESS_MOVED, frozenset([Rule.PHONE_SAME, Rule.EMAIL_SAME])),
}
"""Disagreement that weighs less where something else of the person is the same."""


def _explained(pieces: list[Piece]) -> list[Piece]:
    if not any(piece.rule in _EXPLAINED for piece in pieces):
        return pieces
    agreed = {piece.rule for piece in pieces if piece.points >= LEAST_AGREEMENT}
    return [
        _piece(_EXPLAINED[p.rule][0]) if p.rule in _EXPLAINED and agreed & _EXPLAINED[p.rule][1] else p for p in pieces
    ]


_PLAIN: Final = {rule: Piece(rule, WEIGHTS[rule].points) for rule in Rule}


def _piece(rule: Rule, detail: str = "", sharers: int = 1) -> Piece:
    return Piece(rule, faded(rule, sharers), detail, sharers) if detail or sharers > 1 else _PLAIN[rule]


def _xpm_id(a: MatchRecord, b: MatchRecord) -> Piece | None:
    if a.system is b.system or not (a.number and b.number):
        return None
    return _piece(Rule.XPM_ID_SAME if a.number == b.number else Rule.XPM_ID_OTHER, b.number)


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
        else:
            by_rule[Rule.IDENTIFIER_OTHER if valid else Rule.IDENTIFIER_SLIP].append(identifier)
    for mine, theirs in ((left, right), (right, left)):
        abn, acn = mine.get(NumberRegister.ABN), theirs.get(NumberRegister.ACN)
        if abn and acn and acn_within(abn) == acn.number:
            by_rule[Rule.IDENTIFIER_SAME].append(acn)
    for rule in (Rule.IDENTIFIER_OTHER, Rule.IDENTIFIER_SLIP, Rule.IDENTIFIER_SAME, Rule.IDENTIFIER_UNVERIFIED):
        if by_rule[rule]:
            sharers = max(context.count(Value.IDENTIFIER, i.number) for i in by_rule[rule])
            return _piece(
                rule, " and ".join(sorted({f"{i.register.value} {i.number}" for i in by_rule[rule]})), sharers
            )
    return None


def _name(a: MatchRecord, b: MatchRecord, name: Rule, context: Context) -> Piece:
    return _piece(name, sharers=max(context.count(Value.NAME, a.name_key), context.count(Value.NAME, b.name_key)))


_NAMES: Final = frozenset([EvidenceGroup.NAME, EvidenceGroup.CONTACT])
_DIFFERENCES: Final = frozenset([Rule.EMAIL_OTHER, Rule.PHONE_OTHER, Rule.ADDRESS_OTHER, Rule.CONTACT_OTHER])
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


_NOT_IN_NAME: Final = frozenset([Form.UNSTATED, Form.PERSON])


def _form(a: MatchRecord, b: MatchRecord, name: Rule) -> Piece | None:
    if a.form is b.form:
        return None if a.form is Form.UNSTATED else _piece(Rule.FORM_SAME, a.form.value)
    stated = a.form if b.form is Form.UNSTATED else b.form
    if Form.UNSTATED in (a.form, b.form) and {a.name.form, b.name.form} <= _NOT_IN_NAME and name in _ONE_NAME:
        return None if stated is Form.PERSON else _piece(Rule.FORM_IN_A_FIELD, stated.value)
    if len(a.name.people) > 1 < len(b.name.people) and {a.form, b.form} <= _COUPLES:
        # "J & M Smith" may be the couple or their partnership: the partnership is merely not stated.
        return _piece(Rule.FORM_UNSTATED, Form.PARTNERSHIP.value)
    if at_odds(a.form, b.form):
        return _piece(Rule.FORM_OTHER, f"{a.form.value} and {b.form.value}")
    if Form.UNSTATED not in (a.form, b.form):
        return _piece(Rule.FORM_SAME, max(a.form.value, b.form.value, key=len))
    return None if stated in (Form.UNSTATED, Form.PERSON) else _piece(Rule.FORM_UNSTATED, stated.value)


_DOMAIN_OF_MANY: Final = 8
"""A domain with more clients than this is a provider's, whatever its name."""


_Emails = Sequence[Sequence[str]]
"""Local part and domain of each address."""


def _emails(a: MatchRecord, b: MatchRecord, context: Context) -> Piece | None:
    if not (a.emails and b.emails):
        return None
    shared = [e for e in a.emails if e in b.emails]
    if shared:
        best = min(shared, key=lambda e: (is_role(e), context.count(Value.EMAIL, e)))
        rule = Rule.EMAIL_ROLE if is_role(best) else Rule.EMAIL_SAME
        return _piece(rule, best, context.count(Value.EMAIL, best))
    left, right = ([e.partition("@")[::2] for e in r.emails] for r in (a, b))
    names = _names(a) & _names(b)
    same = [x for x, _ in left if len(x) > 4 and x not in ROLE_MAILBOXES and any(x == y for y, _ in right)]
    if any(edit_distance(d, e) <= 2 for local in same for x, d in left if x == local for y, e in right if y == local):
        return _piece(Rule.EMAIL_SLIP)
    kept = min(same, default="")
    if kept and not any(name in kept for name in names):
        return _piece(Rule.EMAIL_LOCAL, kept, context.count(Value.EMAIL_LOCAL, kept))
    common = {domain for _, domain in left} & {domain for _, domain in right} - FREE_MAIL
    firm = min((d for d in common if context.count(Value.DOMAIN, d) <= _DOMAIN_OF_MANY), default="")
    if firm:
        return _piece(Rule.EMAIL_DOMAIN, firm)
    desks = any(all(x in ROLE_MAILBOXES for x, _ in side) for side in (left, right))
    family = any(
        any(name in x for x, _ in left) and any(name in y for y, _ in right)
        for name in names
        if context.count(Value.TOKEN, name) < _COMMON_SURNAME
    )
    return _piece(Rule.EMAIL_CHANGED if desks or family else Rule.EMAIL_OTHER)


_COMMON_SURNAME: Final = 10
"""With a surname of so many clients, a mailbox that contains it can be another family's."""


def _names(record: MatchRecord) -> set[str]:
    """The surnames of a client and its contacts, long enough to be recognised in a mailbox that is made of them."""
    others = (person for other in record.name.others for person in other.name.people)
    return {p.surname for p in (*record.name.people, *record.contacts, *others) if len(p.surname) > 3}


def _phones(a: MatchRecord, b: MatchRecord, context: Context) -> Piece | None:
    if not (a.phones and b.phones):
        return None
    shared = [p for p in a.phones if any(p.endswith(q) or q.endswith(p) for q in b.phones)]
    return _rarest(Rule.PHONE_SAME, shared, lambda p: context.count(Value.PHONE, phone_tail(p)), Rule.PHONE_OTHER)


def _rarest(rule: Rule, shared: Sequence[str], sharers: Callable[[str], int], otherwise: Rule) -> Piece:
    """Agreement on the value that the fewest clients share, or the rule for no agreement at all."""
    if not shared:
        return _piece(otherwise)
    best = min(shared, key=sharers)
    return _piece(rule, best, sharers(best))


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
        return _piece(rule, sharers=context.count(Value.STREET, place.street))
    if nearness is Nearness.SAME:
        return _piece(rule, sharers=context.count(Value.PLACE, place.key))
    return _piece(rule)


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
    return _piece(Rule.GROUP_SAME if shared else Rule.GROUP_OTHER, shared)


def sentence(piece: Piece, xpm: MatchRecord, ignition: MatchRecord) -> str:
    """Put one piece of evidence about these two records into words."""
    weight = WEIGHTS[piece.rule]
    text = weight.sentence.format(_detail(piece, xpm, ignition))
    return f"{text} {piece.sharers} clients share it." if piece.sharers > 1 and weight.fades else text


def _detail(piece: Piece, xpm: MatchRecord, ignition: MatchRecord) -> str:
    """The agreed value as the records write it; a contact whom they name differently by both names."""
    match piece.rule:
        case Rule.PHONE_SAME:
            return phone_as_written(xpm.client, piece.detail)
        case Rule.GROUP_SAME:
            return group_as_written(xpm.client, piece.detail)
        case Rule.CONTACT_SAME:
            names = (contact_as_written(record.client, piece.detail) for record in (xpm, ignition))
            return " and ".join({name.casefold(): name for name in names}.values())
        case _:
            return piece.detail
