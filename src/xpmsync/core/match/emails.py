"""What the e-mail addresses of two clients say: one mailbox, a desk's, a slip, a changed one."""

from collections.abc import Sequence
from typing import Final

from xpmsync.core.match.frequencies import Context, Value
from xpmsync.core.match.record import FREE_MAIL, ROLE_MAILBOXES, MatchRecord, is_role
from xpmsync.core.match.text import edit_distance
from xpmsync.core.match.verdict import Piece, piece_of
from xpmsync.core.match.weights import Rule

_DOMAIN_OF_MANY: Final = 8
"""A domain with more clients than this is a provider's, whatever its name."""


_Emails = Sequence[Sequence[str]]
"""Local part and domain of each address."""


def compare_emails(a: MatchRecord, b: MatchRecord, context: Context) -> Piece | None:
    """What the e-mail addresses of two clients say; nothing where one has none."""
    if not (a.emails and b.emails):
        return None
    shared = [e for e in a.emails if e in b.emails]
    if shared:
        best = min(shared, key=lambda e: (is_role(e), context.count(Value.EMAIL, e)))
        return piece_of(_rule_of_mailbox(best, context), best, context.count(Value.EMAIL, best))
    left, right = ([e.partition("@")[::2] for e in r.emails] for r in (a, b))
    names = _names(a) & _names(b)
    same = [x for x, _ in left if len(x) > 4 and x not in ROLE_MAILBOXES and any(x == y for y, _ in right)]
    domains = [(d, e) for local in same for x, d in left if x == local for y, e in right if y == local]
    if any(edit_distance(d, e) <= 2 and not (d in FREE_MAIL and e in FREE_MAIL) for d, e in domains):
        return piece_of(Rule.EMAIL_SLIP)
    kept = min(same, default="")
    if kept and not any(name in kept for name in names):
        return piece_of(Rule.EMAIL_LOCAL, kept, context.count(Value.EMAIL_LOCAL, kept))
    common = {domain for _, domain in left} & {domain for _, domain in right} - FREE_MAIL
    firm = min((d for d in common if context.count(Value.DOMAIN, d) <= _DOMAIN_OF_MANY), default="")
    if firm:
        return piece_of(Rule.EMAIL_DOMAIN, firm)
    desks = any(all(x in ROLE_MAILBOXES for x, _ in side) for side in (left, right))
    family = any(
        any(name in x for x, _ in left) and any(name in y for y, _ in right)
        for name in names
        if context.count(Value.TOKEN, name) < _COMMON_SURNAME
    )
    return piece_of(Rule.EMAIL_CHANGED if desks or family else Rule.EMAIL_OTHER)


def _rule_of_mailbox(email: str, context: Context) -> Rule:
    if not is_role(email):
        return Rule.EMAIL_SAME
    domain = email.partition("@")[2]
    own = domain not in FREE_MAIL and context.count(Value.DOMAIN, domain) <= _DOMAIN_OF_MANY
    return Rule.EMAIL_DESK if own else Rule.EMAIL_ROLE


_COMMON_SURNAME: Final = 10
"""With a surname of so many clients, a mailbox that contains it can be another family's."""


def _names(record: MatchRecord) -> set[str]:
    """The surnames of a client and its contacts, long enough to be recognised in a mailbox that is made of them."""
    others = (person for other in record.name.others for person in other.name.people)
    return {p.surname for p in (*record.name.people, *record.contacts, *others) if len(p.surname) > 3}
