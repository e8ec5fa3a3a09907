"""Whether two names are one: which rule of the table applies to a pair of names."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import Final

from xpmsync.core.match.frequencies import Context, Value
from xpmsync.core.match.name_parse import Name, OtherKind
from xpmsync.core.match.nicknames import Kinship, kinship
from xpmsync.core.match.person_parse import BUSINESS_WORDS, PersonName
from xpmsync.core.match.text import edit_distance, is_slip
from xpmsync.core.match.weights import WEIGHTS, EvidenceGroup, Rule

__all__ = ["compare_names", "trading_names_differ"]


class _Given(IntEnum):
    """How two persons' given names compare, best last."""

    OTHER = 0
    GENERATION = 1
    HINTED = 2
    SLIP = 3
    SHORT = 4
    SAME = 5


class _Surname(IntEnum):
    OTHER = 0
    PART = 1
    SLIPS = 2
    SLIP = 3
    SAME = 4


_RANK: Final = {
    rule: i
    for i, rule in enumerate(
        (
            Rule.NAME_OTHER, Rule.NAME_NUMBER, Rule.NAME_OTHER_GIVEN, Rule.NAME_PART, Rule.NAME_ONE_OF_COUPLE,
            Rule.NAME_SURNAME_CHANGED, Rule.NAME_GENERATION, Rule.NAME_TRUSTEE, Rule.NAME_MORE_WORDS,
            Rule.NAME_DOUBLE_SURNAME, Rule.NAME_HINTED, Rule.NAME_TRADING, Rule.NAME_FORMER, Rule.NAME_SLIPS,
            Rule.NAME_SLIP, Rule.NAME_SHORT_FORM, Rule.NAME_COUPLE, Rule.NAME_SAME,
            Rule.NAME_MIDDLE,
        )
    )
}  # fmt: skip
_OTHER_RULES: Final = {
    OtherKind.FORMER: Rule.NAME_FORMER,
    OtherKind.TRADING: Rule.NAME_TRADING,
    OtherKind.TRUSTEE: Rule.NAME_TRUSTEE,
}
_WORD_IS_COMMON: Final = 3
"""A word in this many names of one system is a word, not a slip of another one."""
_LONG_GIVEN: Final = 5
_LONG_SURNAME: Final = 6
"""Letters from which on two slips still leave a surname recognisable."""

_MOST: Final = 0.5
"""Share of the words' weight that two names must share to be one family's names."""


def compare_names(a: Name, b: Name, context: Context) -> Rule:
    """Return the rule that fits two names best, their trading, former and trustee names included."""
    rule = _compare(a, b, context)
    if WEIGHTS[rule].group is EvidenceGroup.NAME and rule is not Rule.NAME_HINTED:
        return rule
    for mine, theirs in ((a, b), (b, a)):
        for other in mine.others:
            found = _compare(other.name, theirs, context)
            if found in _FULL:
                rule = max(rule, _OTHER_RULES[other.kind], key=_RANK.__getitem__)
    for mine_other in a.others:
        for their_other in b.others:
            both = mine_other.kind is their_other.kind is OtherKind.TRADING
            if both and _compare(mine_other.name, their_other.name, context) in _FULL:
                rule = max(rule, Rule.NAME_TRADING, key=_RANK.__getitem__)
    return rule


_FULL: Final = frozenset([Rule.NAME_MIDDLE, Rule.NAME_SAME, Rule.NAME_COUPLE, Rule.NAME_SHORT_FORM, Rule.NAME_SLIP])


def trading_names_differ(a: Name, b: Name, context: Context) -> bool:
    """Say whether both have trading names and none of them is the same."""
    mine = [o.name for o in a.others if o.kind is OtherKind.TRADING]
    theirs = [o.name for o in b.others if o.kind is OtherKind.TRADING]
    return bool(mine and theirs) and not any(_compare(m, t, context) in _FULL for m in mine for t in theirs)


def _compare(a: Name, b: Name, context: Context) -> Rule:
    if not a.core or not b.core:
        return Rule.NAME_OTHER
    if a.numbers != b.numbers:
        alike = _compare_words(a.core, b.core, context)
        return Rule.NAME_NUMBER if alike is not Rule.NAME_OTHER else alike
    if a.people and b.people:
        return _compare_people(a.people, b.people, context)
    return _compare_words(a.core, b.core, context)


def _compare_people(a: Sequence[PersonName], b: Sequence[PersonName], context: Context) -> Rule:
    if len(a) == len(b) == 1:
        (p,), (q,) = a, b
        return _compare_persons(p, q, context)
    if len(a) == len(b) == 2:
        straight = _both(_compare_persons(a[0], b[0], context), _compare_persons(a[1], b[1], context))
        crossed = _both(_compare_persons(a[0], b[1], context), _compare_persons(a[1], b[0], context))
        return max(straight, crossed, key=_RANK.__getitem__)
    best = max((_compare_persons(p, q, context) for p in a for q in b), key=_RANK.__getitem__)
    return Rule.NAME_ONE_OF_COUPLE if _RANK[best] >= _RANK[Rule.NAME_HINTED] else best


def _both(first: Rule, second: Rule) -> Rule:
    """Two persons are as alike as the worse of them, but two hints bear each other out."""
    worse = min(first, second, key=_RANK.__getitem__)
    if worse is Rule.NAME_HINTED:
        return Rule.NAME_COUPLE
    return worse


def _compare_persons(p: PersonName, q: PersonName, context: Context) -> Rule:
    rule = _compare_parts(p, q, context)
    if _RANK[rule] <= _RANK[Rule.NAME_HINTED] and p.suffix == q.suffix and _blank_slipped_in(p, q):
        return Rule.NAME_SLIP
    return rule


def _blank_slipped_in(p: PersonName, q: PersonName) -> bool:
    """Whether the two differ by a blank, and at most one slip where no initials are: `Benjamin Ever ett`."""
    if len(p.given) == len(q.given):
        return False
    mine, theirs = "".join((*p.given, p.surname)), "".join((*q.given, q.surname))
    initials = any(len(name) == 1 for name in (*p.given, *q.given))
    return mine == theirs or (not initials and edit_distance(mine, theirs) <= 1)


def _compare_parts(p: PersonName, q: PersonName, context: Context) -> Rule:
    surname = _compare_surnames(p.surname, q.surname)
    if p.given == (q.surname,) and q.given == (p.surname,) and p.suffix == q.suffix:  # "Smith John"
        return Rule.NAME_SAME
    given = _compare_given(p.given, q.given, context)
    if p.suffix != q.suffix and given is not _Given.OTHER:
        given = _Given.GENERATION
    if surname is _Surname.OTHER:
        return Rule.NAME_SURNAME_CHANGED if given >= _Given.SLIP else Rule.NAME_OTHER
    if given <= _Given.GENERATION:
        return Rule.NAME_OTHER_GIVEN if given is _Given.OTHER else Rule.NAME_GENERATION
    if given is _Given.HINTED:
        return Rule.NAME_HINTED
    if surname is _Surname.PART:
        return Rule.NAME_DOUBLE_SURNAME
    if surname is _Surname.SLIPS:
        return Rule.NAME_SLIPS
    if surname is _Surname.SLIP:
        return Rule.NAME_SLIP if given is _Given.SAME else Rule.NAME_SLIPS
    if given is _Given.SAME and len(p.given) > 1 < len(q.given):
        return Rule.NAME_MIDDLE
    return _WITH_SAME_SURNAME[given]


_WITH_SAME_SURNAME: Final = {
    _Given.SAME: Rule.NAME_SAME,
    _Given.SHORT: Rule.NAME_SHORT_FORM,
    _Given.SLIP: Rule.NAME_SLIP,
}


def _compare_surnames(a: str, b: str) -> _Surname:
    if a == b:
        return _Surname.SAME
    if is_slip(a, b):
        return _Surname.SLIP
    if min(len(a), len(b)) >= _LONG_SURNAME and edit_distance(a, b) <= 2:
        return _Surname.SLIPS
    shorter, longer = sorted((a, b), key=len)
    if (
        len(shorter) >= 3
        and len(longer) >= len(shorter) + 3
        and (longer.startswith(shorter) or longer.endswith(shorter))
    ):
        return _Surname.PART
    return _Surname.OTHER


def _compare_given(a: Sequence[str], b: Sequence[str], context: Context) -> _Given:
    if not a or not b:
        return _Given.HINTED
    first, second = a[0], b[0]
    if len(first) == 1 or len(second) == 1:
        return _compare_initials(a, b)
    if first == second or "".join(a) == "".join(b):
        return _Given.GENERATION if _middle_differs(a, b) else _Given.SAME
    kin = kinship(first, second)
    if kin is Kinship.SHORT:
        return _Given.GENERATION if _middle_differs(a, b) else _Given.SHORT
    if kin is Kinship.LOOSE or first in b or second in a:
        return _Given.HINTED
    mistyped = is_slip(first, second) or (min(len(first), len(second)) == 3 and edit_distance(first, second) == 1)
    if mistyped and not (context.is_given_name(first) and context.is_given_name(second)):
        # Brothers and sisters rhyme, Lara's sister is Lana, and Paula is not Paul: slips inside a word of some
        # length are typists', those at its ends and in short names may be parents'. Swapped letters are typists'.
        swapped = sorted(first) == sorted(second)
        inside = first[0] == second[0] and first[-1] == second[-1] and max(len(first), len(second)) >= _LONG_GIVEN
        return _Given.SLIP if swapped or inside else _Given.HINTED
    return _Given.OTHER


def _compare_initials(a: Sequence[str], b: Sequence[str]) -> _Given:
    """Compare where one side has only initials: every letter must fit, in order."""
    fits = all(x[0] == y[0] for x, y in zip(a, b, strict=False))
    if fits and min(len(a), len(b)) > 1 and len(a) == len(b):
        return _Given.SAME if tuple(a) == tuple(b) else _Given.SHORT
    by_middle_name = any(_initial_fits(a[0], n) for n in b[1:]) or any(_initial_fits(b[0], n) for n in a[1:])
    return _Given.HINTED if fits or by_middle_name else _Given.OTHER


def _initial_fits(x: str, y: str) -> bool:
    return x == y or (1 in (len(x), len(y)) and x[0] == y[0])


def _middle_differs(a: Sequence[str], b: Sequence[str]) -> bool:
    """Whether both have a middle name and the two cannot be one."""
    if len(a) < 2 or len(b) < 2 or "".join(a) == "".join(b):
        return False
    x, y = a[1], b[1]
    if len(x) == 1 or len(y) == 1:
        return x[0] != y[0]
    return x != y and not is_slip(x, y) and kinship(x, y) is Kinship.NONE


def _compare_words(a: Sequence[str], b: Sequence[str], context: Context) -> Rule:
    """Compare firms' names word by word; rare words weigh more than common ones."""
    if sorted(a) == sorted(b) or "".join(a) == "".join(b):
        return Rule.NAME_SAME
    mine, theirs = list(a), list(b)
    shared: list[str] = []
    for word in a:
        if word in theirs:
            mine.remove(word)
            theirs.remove(word)
            shared.append(word)
    mistyped = 0
    for word in tuple(mine):
        partner = next((t for t in theirs if _is_slip_of_word(word, t, context)), None)
        if partner is not None:
            mine.remove(word)
            theirs.remove(partner)
            shared.append(word)
            mistyped += 1
    if (mine or theirs) and "".join(mine) == "".join(theirs):
        return Rule.NAME_SAME if not mistyped else Rule.NAME_SLIP
    if not mine and not theirs:
        return Rule.NAME_SLIP if mistyped == 1 else Rule.NAME_SLIPS
    weight = sum(_weight(w, context) for w in shared)
    most = weight >= _MOST * (weight + max(_sum(mine, context), _sum(theirs, context)))
    if not most or not shared:
        return Rule.NAME_OTHER if not shared or weight < 1 else Rule.NAME_PART
    return Rule.NAME_PART if mine and theirs else Rule.NAME_MORE_WORDS


def _is_slip_of_word(a: str, b: str, context: Context) -> bool:
    if not is_slip(a, b):
        return False
    known = [w in BUSINESS_WORDS or context.count(Value.TOKEN, w) >= _WORD_IS_COMMON for w in (a, b)]
    return not all(known)


def _sum(words: Sequence[str], context: Context) -> float:
    return sum(_weight(w, context) for w in words)


def _weight(word: str, context: Context) -> float:
    """A word's weight: full for one that nobody else has, little for trades and what many share."""
    if word in BUSINESS_WORDS:
        return 0.4
    return 1.0 if context.count(Value.TOKEN, word) < 10 else 0.7
