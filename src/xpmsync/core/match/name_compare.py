"""Whether two names are one: which rule of the table applies to a pair of names."""

from collections.abc import Callable, Iterable, Sequence
from enum import IntEnum
from functools import cache, lru_cache
from itertools import permutations
from typing import Final, NamedTuple

from xpmsync.core.match.frequencies import Context, Value
from xpmsync.core.match.name_parse import Name, OtherKind
from xpmsync.core.match.nicknames import Kinship, is_given_slip, is_short_form_slip, kinship, may_be_short, rhymes
from xpmsync.core.match.person_parse import BUSINESS_WORDS, PersonName
from xpmsync.core.match.text import edit_distance, is_slip
from xpmsync.core.match.weights import WEIGHTS, EvidenceGroup, Rule


class _Given(IntEnum):
    """How two persons' given names compare, best last."""

    OTHER = 0
    GENERATION = 1
    RHYME = 2
    HINTED = 3
    SLIP = 4
    SHORT = 5
    SAME = 6


class _Surname(IntEnum):
    OTHER = 0
    PART = 1
    SLIPS = 2
    SLIP = 3
    SAME = 4


_RANK: Final = {rule: -place for place, rule in enumerate(Rule)}
"""The table's own order: the best name comes first in it."""

_OTHER_RULES: Final = {
    OtherKind.FORMER: Rule.NAME_FORMER,
    OtherKind.TRADING: Rule.NAME_TRADING,
    OtherKind.TRUSTEE: Rule.NAME_TRUSTEE,
    OtherKind.CONTACT: Rule.NAME_CONTACT,
    OtherKind.SOLE_CONTACT: Rule.NAME_SOLE_CONTACT,
}
_WORD_IS_COMMON: Final = 3
"""A word in this many names of one system is a word, not a slip of another one."""
_LONG_WORD: Final = 6
"""Letters from which on two slips still leave a word recognisable."""

_MOST: Final = 0.5
"""Share of the words' weight that two names must share to be one family's names."""
_HALF_A_NAME: Final = frozenset([Rule.NAME_HINTED, Rule.NAME_RHYME])
_FULL: Final = frozenset([Rule.NAME_MIDDLE, Rule.NAME_SAME, Rule.NAME_COUPLE, Rule.NAME_SHORT_FORM, Rule.NAME_SLIP])


def compare_names(a: Name, b: Name, context: Context) -> Rule:
    """Return the rule that fits two names best, their trading, former and trustee names included."""
    rule = _compare(a, b, context)
    if WEIGHTS[rule].group is EvidenceGroup.NAME and rule not in _HALF_A_NAME:
        return rule
    rules = [rule]
    for name, opposite in ((a, b), (b, a)):
        rules += [_OTHER_RULES[o.kind] for o in name.others if _compare(o.name, opposite, context) in _FULL]
    for kind in (OtherKind.TRADING, OtherKind.CONTACT) if a.others and b.others else ():
        if _shared(kind, a, b, context):
            rules.append(_OTHER_RULES[kind])
    if rule is Rule.NAME_RHYME and Rule.NAME_SOLE_CONTACT in rules:
        return Rule.NAME_HINTED  # `Swfa`, whose only contact is Sefa: nobody's contact is the sister
    return _best(rules)


def trading_names_differ(a: Name, b: Name, context: Context) -> bool:
    """Say whether both have trading names and none of them is the same."""
    both = all(any(o.kind is OtherKind.TRADING for o in name.others) for name in (a, b))
    return both and not _shared(OtherKind.TRADING, a, b, context)


def _shared(kind: OtherKind, a: Name, b: Name, context: Context) -> bool:
    """Whether both have the same other name of that kind."""
    left, right = ([o.name for o in name.others if o.kind is kind] for name in (a, b))
    return any(_compare(x, y, context) in _FULL for x in left for y in right)


def _best(rules: Iterable[Rule]) -> Rule:
    return max(rules, key=_RANK.__getitem__)


def _compare(a: Name, b: Name, context: Context) -> Rule:
    if not a.core:
        return Rule.NAME_OTHER
    if a.numbers != b.numbers:
        alike = _compare_words(a.core, b.core, context)
        return Rule.NAME_NUMBER if alike is not Rule.NAME_OTHER else alike
    if a.people and b.people:
        return _compare_people(a.people, b.people, context)
    rule = _compare_words(a.core, b.core, context)
    return Rule.NAME_PART if rule is Rule.NAME_MORE_WORDS and _is_family_name(a, b) else rule


def _is_family_name(a: Name, b: Name) -> bool:
    """Whether one name is a person's and the other nothing but the surname: `Ann Ioane` and the trust `Ioane`."""
    people, other = (a.people, b) if a.people else (b.people, a)
    return any(other.core == (person.surname,) for person in people if person.given)


def _compare_people(a: Sequence[PersonName], b: Sequence[PersonName], context: Context) -> Rule:
    if len(a) == len(b) == 1:
        return _compare_persons(a[0], b[0], context)
    if len(a) == len(b):
        pairings = (zip(a, order, strict=True) for order in permutations(b))
        return _best(_together([_compare_persons(p, q, context) for p, q in pairing]) for pairing in pairings)
    best = _best(_compare_persons(p, q, context) for p in a for q in b)
    return Rule.NAME_ONE_OF_COUPLE if _RANK[best] >= _RANK[Rule.NAME_RHYME] else best


def _together(rules: Sequence[Rule]) -> Rule:
    """Two persons are as alike as the worse of them, but two hints bear each other out."""
    worst = min(rules, key=_RANK.__getitem__)
    return Rule.NAME_COUPLE if worst in _HALF_A_NAME and len(rules) == 2 else worst


class _Persons(NamedTuple):
    """What decides how two persons' names compare."""

    surname: _Surname
    given: _Given
    swapped: bool
    """`Smith John` and `John Smith`."""
    middle: bool
    """Both have a middle name or initial."""
    respaced: bool
    """A blank has slipped into one of the two."""


_PERSON_OUTCOMES: Final[tuple[tuple[Callable[[_Persons], bool], Rule], ...]] = (
    (lambda p: p.surname is _Surname.SAME and p.given is _Given.SAME and p.middle, Rule.NAME_MIDDLE),
    (lambda p: p.swapped or (p.surname is _Surname.SAME and p.given is _Given.SAME), Rule.NAME_SAME),
    (lambda p: p.surname is _Surname.SAME and p.given is _Given.SHORT, Rule.NAME_SHORT_FORM),
    (lambda p: p.surname is _Surname.SAME and p.given is _Given.SLIP, Rule.NAME_SLIP),
    (lambda p: p.surname is _Surname.SLIP and p.given is _Given.SAME, Rule.NAME_SLIP),
    (lambda p: p.surname >= _Surname.SLIPS and p.given >= _Given.SLIP, Rule.NAME_SLIPS),
    (lambda p: p.respaced, Rule.NAME_SLIP),
    (lambda p: p.surname >= _Surname.PART and p.given is _Given.HINTED, Rule.NAME_HINTED),
    (lambda p: p.surname >= _Surname.PART and p.given is _Given.RHYME, Rule.NAME_RHYME),
    (lambda p: p.surname >= _Surname.PART and p.given >= _Given.SLIP, Rule.NAME_DOUBLE_SURNAME),
    (lambda p: p.surname >= _Surname.PART and p.given is _Given.GENERATION, Rule.NAME_GENERATION),
    (lambda p: p.surname >= _Surname.PART, Rule.NAME_OTHER_GIVEN),
    (lambda p: p.given >= _Given.SLIP, Rule.NAME_SURNAME_CHANGED),
    (lambda p: True, Rule.NAME_OTHER),
)
"""The first row whose condition is met applies."""


def _compare_persons(p: PersonName, q: PersonName, context: Context) -> Rule:
    same_suffix = p.suffix == q.suffix
    given = _compare_given(p.given, q.given, context)
    if not same_suffix and given is not _Given.OTHER:
        given = _Given.GENERATION
    persons = _Persons(
        surname=_compare_surnames(p.surname, q.surname),
        given=given,
        swapped=same_suffix and p.given == (q.surname,) and q.given == (p.surname,),
        middle=len(p.given) > 1 < len(q.given),
        respaced=same_suffix and _blank_slipped_in(p, q),
    )
    return _outcome(persons)


@cache
def _outcome(persons: _Persons) -> Rule:
    """What the table says, looked up once for each of the few combinations."""
    return next(rule for applies, rule in _PERSON_OUTCOMES if applies(persons))


def _blank_slipped_in(p: PersonName, q: PersonName) -> bool:
    """Whether the two differ by a blank, and at most one slip where no initials are: `Benjamin Ever ett`."""
    if len(p.given) == len(q.given):
        return False
    left, right = "".join((*p.given, p.surname)), "".join((*q.given, q.surname))
    initials = any(len(name) == 1 for name in (*p.given, *q.given))
    return left == right or (not initials and edit_distance(left, right) <= 1)


@lru_cache(maxsize=16384)
def _compare_surnames(a: str, b: str) -> _Surname:
    if a == b:
        return _Surname.SAME
    if is_slip(a, b):
        return _Surname.SLIP
    if _is_far_slip(a, b):
        return _Surname.SLIPS
    shorter, longer = sorted((a, b), key=len)
    if (
        len(shorter) >= 3
        and len(longer) >= len(shorter) + 3
        and (longer.startswith(shorter) or longer.endswith(shorter))
    ):
        return _Surname.PART
    return _Surname.OTHER


def _is_far_slip(a: str, b: str) -> bool:
    """Whether one word can be the other with two slips, or with a letter more or less in a word of three."""
    shorter = min(len(a), len(b))
    if shorter == 3:
        return len(a) != len(b) and edit_distance(a, b) == 1
    return shorter >= _LONG_WORD and a[0] == b[0] and edit_distance(a, b) <= 2


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
    slip = is_given_slip(first, second) and not (context.is_given_name(first) and context.is_given_name(second))
    if slip and not rhymes(first, second):
        return _Given.SLIP
    if is_short_form_slip(first, second) or may_be_short(first, second):
        return _Given.HINTED
    return _Given.RHYME if slip else _Given.OTHER


def _compare_initials(a: Sequence[str], b: Sequence[str]) -> _Given:
    """Compare where one side has only initials: every letter must fit, in order."""
    fits = all(x[0] == y[0] for x, y in zip(a, b, strict=False))
    if fits and len(a) == len(b) > 1:
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
    return x != y and not is_given_slip(x, y) and kinship(x, y) is Kinship.NONE


class _Words(NamedTuple):
    """What decides how two firms' names compare; the weights are sums of `_weight`."""

    mistyped: int
    """How many slips the shared words have."""
    respaced: bool
    """What is not shared word by word has the same letters."""
    shared: float
    unshared: float
    """Of the side with the greater weight."""
    both_have_more: bool


_WORD_OUTCOMES: Final[tuple[tuple[Callable[[_Words], bool], Rule], ...]] = (
    (lambda w: w.respaced and not w.mistyped, Rule.NAME_SAME),
    (lambda w: w.respaced and w.mistyped == 1, Rule.NAME_SLIP),
    (lambda w: w.respaced, Rule.NAME_SLIPS),
    (lambda w: w.shared >= _MOST * (w.shared + w.unshared) and not w.both_have_more, Rule.NAME_MORE_WORDS),
    (lambda w: w.shared >= _MOST * (w.shared + w.unshared) or w.shared >= 1, Rule.NAME_PART),
    (lambda w: True, Rule.NAME_OTHER),
)
"""The first row whose condition is met applies."""


def _compare_words(a: Sequence[str], b: Sequence[str], context: Context) -> Rule:
    """Compare firms' names word by word."""
    if "".join(a) == "".join(b):
        return Rule.NAME_SAME
    left, right = list(a), list(b)
    shared = [word for word in a if _take(right, word)]
    for word in shared:
        left.remove(word)
    mistyped = 0
    for word in tuple(left):
        near = [(slips, other) for other in right if (slips := _slips(word, other, context))]
        if near:
            slips, partner = min(near)
            left.remove(word)
            right.remove(partner)
            shared.append(word)
            mistyped += slips
    words = _Words(
        mistyped=mistyped,
        respaced="".join(left) == "".join(right),
        shared=_sum(shared, context),
        unshared=max(_sum(left, context), _sum(right, context)),
        both_have_more=bool(left and right),
    )
    return next(rule for applies, rule in _WORD_OUTCOMES if applies(words))


def _take(words: list[str], word: str) -> bool:
    """Remove the word from the list, and say whether it was in it."""
    if word not in words:
        return False
    words.remove(word)
    return True


def _slips(a: str, b: str, context: Context) -> int:
    """1 where one word is the other with a slip, 2 where it is a far one, 0 where they are two words."""
    slips = 1 if is_slip(a, b) else 2 * _is_far_slip(a, b)
    known = slips and all(w in BUSINESS_WORDS or context.count(Value.TOKEN, w) >= _WORD_IS_COMMON for w in (a, b))
    return 0 if known else slips


def _sum(words: Sequence[str], context: Context) -> float:
    return sum(_weight(w, context) for w in words)


def _weight(word: str, context: Context) -> float:
    """A word's weight: full for one that nobody else has, little for trades and what many share."""
    if word in BUSINESS_WORDS:
        return 0.4
    return 1.0 if context.count(Value.TOKEN, word) < 10 else 0.7
