"""The score: a sum of signed, named pieces of evidence for one pair of clients."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from xpmsync.core.match.addresses import Nearness
from xpmsync.core.match.addresses import compare as compare_places
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
from xpmsync.core.match.verdict import Cap, Evidence, Piece, Scored, Verdict, band
from xpmsync.core.match.weights import DECIMALS, WEIGHTS, Rule, faded
from xpmsync.core.model import Client

__all__ = ["evidence", "explain", "score", "sentence"]


def evidence(xpm: Client, ignition: Client, context: Context) -> Verdict:
    """Weigh two clients against each other; the gap to other candidates is `match`'s to judge."""
    return explain(read_record(xpm), read_record(ignition), context)


def explain(xpm: MatchRecord, ignition: MatchRecord, context: Context, more_caps: Iterable[Cap] = ()) -> Verdict:
    """Weigh two records and put the evidence into words, weightiest piece first."""
    scored = score(xpm, ignition, context)
    caps = scored.caps | frozenset(more_caps)
    pieces = sorted(scored.pieces, key=lambda p: -abs(p.points))
    return Verdict(
        xpm_id=xpm.id,
        ignition_id=ignition.id,
        score=scored.points,
        band=band(scored.points, scored.pieces, caps),
        evidence=tuple(Evidence(p.rule.value, p.points, sentence(p, xpm, ignition)) for p in pieces),
        caps=tuple(cap for cap in Cap if cap in caps),
    )


def score(a: MatchRecord, b: MatchRecord, context: Context) -> Scored:
    """Weigh two records; a field that one of them lacks says nothing."""
    pieces: list[Piece] = []
    caps: set[Cap] = set()
    _xpm_id(a, b, pieces, caps)
    _identifiers(a, b, context, pieces, caps)
    _name(a, b, context, pieces, caps)
    _form(a, b, pieces, caps)
    _emails(a, b, context, pieces)
    _phones(a, b, context, pieces)
    _places(a, b, context, pieces)
    _contacts(a, b, context, pieces)
    _groups(a, b, pieces)
    if a.archived != b.archived:
        pieces.append(Piece(Rule.ARCHIVED, faded(Rule.ARCHIVED)))
        caps.add(Cap.ARCHIVED)
    total = round(sum(p.points for p in pieces), DECIMALS)
    return Scored(total, tuple(pieces), frozenset(caps))


def _xpm_id(a: MatchRecord, b: MatchRecord, pieces: list[Piece], caps: set[Cap]) -> None:
    if a.system is b.system or not (a.number and b.number):
        return
    if a.number == b.number:
        pieces.append(Piece(Rule.XPM_ID_SAME, faded(Rule.XPM_ID_SAME), a.number))
        return
    pieces.append(Piece(Rule.XPM_ID_OTHER, faded(Rule.XPM_ID_OTHER), b.number))
    caps.add(Cap.XPM_ID)


def _identifiers(a: MatchRecord, b: MatchRecord, context: Context, pieces: list[Piece], caps: set[Cap]) -> None:
    mine, theirs = ({i.register: i for i in r.identifiers} for r in (a, b))
    found: dict[Rule, list[Identifier]] = defaultdict(list)
    for register in mine.keys() & theirs.keys():
        identifier, other = mine[register], theirs[register]
        valid = identifier.valid and other.valid
        if identifier.number == other.number:
            found[Rule.IDENTIFIER_SAME if valid else Rule.IDENTIFIER_UNVERIFIED].append(identifier)
        else:
            found[Rule.IDENTIFIER_OTHER if valid else Rule.IDENTIFIER_SLIP].append(identifier)
            caps.add(Cap.IDENTIFIER)
    for left, right in ((mine, theirs), (theirs, mine)):
        for abn, acn in zip(_held(left, NumberRegister.ABN), _held(right, NumberRegister.ACN), strict=False):
            if acn_within(abn) == acn.number:
                found[Rule.IDENTIFIER_SAME].append(acn)
    for rule in (Rule.IDENTIFIER_OTHER, Rule.IDENTIFIER_SLIP, Rule.IDENTIFIER_SAME, Rule.IDENTIFIER_UNVERIFIED):
        if found[rule]:
            sharers = max(context.count(Value.IDENTIFIER, i.number) for i in found[rule])
            detail = " and ".join(sorted({f"{i.register.value} {i.number}" for i in found[rule]}))
            pieces.append(Piece(rule, faded(rule, sharers), detail, sharers))
            return


def _held(identifiers: Mapping[NumberRegister, Identifier], register: NumberRegister) -> Sequence[Identifier]:
    """The number of that register, if it is held."""
    return [identifiers[register]] if register in identifiers else []


_HOUSEHOLD: Final = frozenset(
    [
        Rule.NAME_OTHER_GIVEN,
        Rule.NAME_ONE_OF_COUPLE,
        Rule.NAME_GENERATION,
        Rule.NAME_SURNAME_CHANGED,
        Rule.NAME_DOUBLE_SURNAME,
    ]
)


def _name(a: MatchRecord, b: MatchRecord, context: Context, pieces: list[Piece], caps: set[Cap]) -> None:
    rule = compare_names(a.name, b.name, context)
    sharers = max(context.count(Value.NAME, a.name_key), context.count(Value.NAME, b.name_key))
    pieces.append(Piece(rule, faded(rule, sharers), "", sharers))
    if rule in _HOUSEHOLD:
        caps.add(Cap.HOUSEHOLD)
    elif rule is Rule.NAME_HINTED:
        caps.add(Cap.GIVEN_NAME)
    elif rule is Rule.NAME_NUMBER:
        caps.add(Cap.NUMBER)
    if trading_names_differ(a.name, b.name, context):
        caps.add(Cap.TRADING)


_COUPLES: Final = frozenset([Form.PERSON, Form.PARTNERSHIP])


def _form(a: MatchRecord, b: MatchRecord, pieces: list[Piece], caps: set[Cap]) -> None:
    if a.form is not b.form and {a.form, b.form} <= _COUPLES and len(a.name.people) > 1 < len(b.name.people):
        # "J & M Smith" may be the couple or their partnership: the partnership is merely not said.
        pieces.append(Piece(Rule.FORM_UNSTATED, faded(Rule.FORM_UNSTATED), Form.PARTNERSHIP.value))
        caps.add(Cap.FORM_UNSTATED)
        return
    if at_odds(a.form, b.form):
        pieces.append(Piece(Rule.FORM_OTHER, faded(Rule.FORM_OTHER), f"{a.form.value} and {b.form.value}"))
        caps.add(Cap.FORM)
        return
    if Form.UNSTATED not in (a.form, b.form):
        pieces.append(Piece(Rule.FORM_SAME, faded(Rule.FORM_SAME), max(a.form.value, b.form.value, key=len)))
        return
    stated = a.form if b.form is Form.UNSTATED else b.form
    if stated not in (Form.UNSTATED, Form.PERSON):
        pieces.append(Piece(Rule.FORM_UNSTATED, faded(Rule.FORM_UNSTATED), stated.value))
        caps.add(Cap.FORM_UNSTATED)


_DOMAIN_OF_MANY: Final = 8
"""A domain with more clients than this is a provider's, whatever its name."""


def _emails(a: MatchRecord, b: MatchRecord, context: Context, pieces: list[Piece]) -> None:
    if not (a.emails and b.emails):
        return
    shared = [e for e in a.emails if e in b.emails]
    if shared:
        best = min(shared, key=lambda e: (is_role(e), context.count(Value.EMAIL, e)))
        sharers = context.count(Value.EMAIL, best)
        rule = Rule.EMAIL_ROLE if is_role(best) else Rule.EMAIL_SAME
        pieces.append(Piece(rule, faded(rule, sharers), best, sharers))
        return
    mine, theirs = ([e.partition("@")[::2] for e in r.emails] for r in (a, b))
    if any(
        x == y and len(x) > 4 and x not in ROLE_MAILBOXES and edit_distance(m, t) <= 2
        for x, m in mine
        for y, t in theirs
    ):
        pieces.append(Piece(Rule.EMAIL_SLIP, faded(Rule.EMAIL_SLIP)))
        return
    common = {m for _, m in mine} & {t for _, t in theirs} - FREE_MAIL
    domain = min((d for d in common if context.count(Value.DOMAIN, d) <= _DOMAIN_OF_MANY), default="")
    rule = Rule.EMAIL_DOMAIN if domain else Rule.EMAIL_OTHER
    pieces.append(Piece(rule, faded(rule), domain))


def _phones(a: MatchRecord, b: MatchRecord, context: Context, pieces: list[Piece]) -> None:
    if not (a.phones and b.phones):
        return
    shared = [p for p in a.phones if any(p.endswith(q) or q.endswith(p) for q in b.phones)]
    if not shared:
        pieces.append(Piece(Rule.PHONE_OTHER, faded(Rule.PHONE_OTHER)))
        return
    best = min(shared, key=lambda p: context.count(Value.PHONE, phone_tail(p)))
    sharers = context.count(Value.PHONE, phone_tail(best))
    pieces.append(Piece(Rule.PHONE_SAME, faded(Rule.PHONE_SAME, sharers), best, sharers))


_NEARNESS: Final = {
    Nearness.ELSEWHERE: Rule.ADDRESS_OTHER,
    Nearness.TOWN: Rule.ADDRESS_TOWN,
    Nearness.POSTCODE: Rule.ADDRESS_POSTCODE,
    Nearness.STREET: Rule.ADDRESS_STREET,
    Nearness.SAME: Rule.ADDRESS_SAME,
}


def _places(a: MatchRecord, b: MatchRecord, context: Context, pieces: list[Piece]) -> None:
    nearness, place = compare_places(a.places, b.places)
    rule = _NEARNESS.get(nearness)
    if rule is None:
        return
    sharers = fading = 1
    if place and nearness >= Nearness.STREET:
        sharers = fading = context.count(Value.PLACE, place.key)
    elif place and nearness is Nearness.POSTCODE:
        sharers = context.count(Value.POSTCODE, place.postcode)
        fading = context.in_two_hundred(Value.POSTCODE, place.postcode)
    pieces.append(Piece(rule, faded(rule, fading), "", sharers))


def _contacts(a: MatchRecord, b: MatchRecord, context: Context, pieces: list[Piece]) -> None:
    if not (a.contacts and b.contacts):
        return
    theirs = {p.key for p in b.contacts}
    shared = [p.key for p in a.contacts if p.key in theirs]
    if not shared:
        pieces.append(Piece(Rule.CONTACT_OTHER, faded(Rule.CONTACT_OTHER)))
        return
    best = min(shared, key=lambda k: context.count(Value.CONTACT, k))
    sharers = context.count(Value.CONTACT, best)
    pieces.append(Piece(Rule.CONTACT_SAME, faded(Rule.CONTACT_SAME, sharers), best, sharers))


def _groups(a: MatchRecord, b: MatchRecord, pieces: list[Piece]) -> None:
    if not (a.groups and b.groups):
        return
    shared = next((g for g in a.groups if g in b.groups), "")
    rule = Rule.GROUP_SAME if shared else Rule.GROUP_OTHER
    pieces.append(Piece(rule, faded(rule), shared))


def sentence(piece: Piece, xpm: MatchRecord, ignition: MatchRecord) -> str:
    """Say one piece of evidence about these two records; a contact whom they name differently is told by both names."""
    weight = WEIGHTS[piece.rule]
    says = weight.says.format(_told(piece, xpm, ignition))
    if piece.sharers > 1 and weight.fades:
        says = f"{says} {piece.sharers} clients share it."
    return says


def _told(piece: Piece, xpm: MatchRecord, ignition: MatchRecord) -> str:
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
