"""Which contact of the source is which contact of the target (design, rule 6).

By link (unless links are crossed), then by e-mail and name together, then by an e-mail or a name that
points to one single contact on both sides. Whatever stays unclear is left to a
person. Each pass takes the contacts that are still unpaired and returns the rest.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field

from xpmsync.core.catalogue import FieldKind
from xpmsync.core.model import Contact
from xpmsync.core.text import normalise

_Contacts = tuple[Contact, ...]
_Pairs = tuple[tuple[Contact, Contact], ...]
_Key = Callable[[Contact], str]


@dataclass(frozen=True, slots=True)
class Pairing:
    """The contacts of one client, sorted by what is known of them; each is in exactly one place.

    `lost_in_target` holds source contacts whose linked target contact is gone and
    that nobody else there fits, `claimed_in_target` the target contacts that those
    in `ambiguous` may be, and `candidates` their ids for each of those.
    """

    pairs: _Pairs = ()
    only_source: _Contacts = ()
    only_target: _Contacts = ()
    ambiguous: _Contacts = ()
    claimed_in_target: _Contacts = ()
    candidates: Mapping[str, Set[str]] = field(default_factory=dict)
    lost_in_target: _Contacts = ()

    @property
    def has_rest(self) -> bool:
        """Whether any contact is in no pair."""
        return bool(self.only_source or self.only_target or self.ambiguous or self.lost_in_target)


@dataclass(frozen=True, slots=True)
class _Pass:
    """The pairs found so far, and the contacts that are in none."""

    pairs: _Pairs
    source: _Contacts
    target: _Contacts

    def with_pairs(self, pairs: Iterable[tuple[Contact, Contact]]) -> _Pass:
        """The same with more pairs, whose contacts are no longer among the rest."""
        added = tuple(pairs)
        if not added:
            return self
        source_ids, target_ids = {one.id for one, _ in added}, {other.id for _, other in added}
        return _Pass(
            (*self.pairs, *added),
            tuple(contact for contact in self.source if contact.id not in source_ids),
            tuple(contact for contact in self.target if contact.id not in target_ids),
        )


def pair_contacts(source: Sequence[Contact], target: Sequence[Contact], links: Mapping[str, str]) -> Pairing:
    """Pair the contacts of a linked client; `links` maps source contact ids to target contact ids."""
    linked = _pair_by_link(_Pass((), tuple(source), tuple(target)), links)
    paired = _pair_identical(linked) or _pair_by_either(_pair_by_both(linked))
    if not paired.source and not paired.target:
        return Pairing(_in_order(paired.pairs, source))
    candidates = _candidates(paired)
    ambiguous = tuple(contact for contact in paired.source if candidates[contact.id])
    claimed = {target_id for contact in ambiguous for target_id in candidates[contact.id]}
    unclaimed = [contact for contact in paired.source if not candidates[contact.id]]
    return Pairing(
        pairs=_in_order(paired.pairs, source),
        only_source=tuple(contact for contact in unclaimed if contact.id not in links),
        only_target=tuple(contact for contact in paired.target if contact.id not in claimed),
        ambiguous=ambiguous,
        claimed_in_target=tuple(contact for contact in paired.target if contact.id in claimed),
        candidates=candidates,
        lost_in_target=tuple(contact for contact in unclaimed if contact.id in links),
    )


def _in_order(pairs: _Pairs, source: Sequence[Contact]) -> _Pairs:
    """The pairs in the order of the source's contacts."""
    if len(pairs) < 2:
        return pairs
    position = {contact.id: place for place, contact in enumerate(source)}
    return tuple(sorted(pairs, key=lambda pair: position[pair[0].id]))


def _pair_by_link(rest: _Pass, links: Mapping[str, str]) -> _Pass:
    if not links:
        return rest
    targets = {contact.id: contact for contact in rest.target}
    # Each target contact is taken once, whatever the links say.
    linked = [(contact, targets.pop(links.get(contact.id, ""), None)) for contact in rest.source]
    pairs = [(contact, partner) for contact, partner in linked if partner is not None]
    crossed = _crossed(pairs) if len(pairs) > 1 else ()
    return rest.with_pairs(pair for pair in pairs if pair[0].id not in crossed)


def _crossed(pairs: Sequence[tuple[Contact, Contact]]) -> Set[str]:
    """The ids of source contacts whose links are crossed: each is exactly the other's partner, by e-mail and name.

    The system gave its contacts other ids. By the links, each would be overwritten with the other.
    """
    differing = [pair for pair in pairs if _exact_key(pair[0]) != _exact_key(pair[1])]
    if len(differing) < 2:
        return frozenset()
    sources, targets = (Counter(_both_key(pair[side]) for pair in differing) for side in (0, 1))
    return {
        contact.id
        for contact, partner in differing
        if (own := _both_key(contact))
        and (other := _both_key(partner))
        and own != other
        and sources[own] == targets[own] == sources[other] == targets[other] == 1
    }


def _pair_identical(rest: _Pass) -> _Pass | None:
    """Pair all contacts by the exact text of e-mail and name, or none: most agree, and normalising takes time."""
    if len(rest.source) != len(rest.target):
        return None
    targets = {_exact_key(contact): contact for contact in rest.target}
    sources = {_exact_key(contact): contact for contact in rest.source}
    if None in sources or len(sources) != len(rest.source) or sources.keys() != targets.keys():
        return None
    pairs = tuple((contact, targets[key]) for key, contact in sources.items())
    return _Pass((*rest.pairs, *pairs), (), ())


def _pair_by_both(rest: _Pass) -> _Pass:
    """Pair by e-mail and name together, where both point to one single contact on each side."""
    sources, targets = _by_key(rest.source, _both_key), _by_key(rest.target, _both_key)
    return rest.with_pairs(
        (of_key[0], targets[key][0]) for key, of_key in sources.items() if len(of_key) == len(targets.get(key, ())) == 1
    )


def _pair_by_either(rest: _Pass) -> _Pass:
    """Pair by e-mail or name, where each of the two contacts has no other candidate."""
    candidates, targets = _candidates(rest), {contact.id: contact for contact in rest.target}
    wanted_by: dict[str, int] = defaultdict(int)
    for target_ids in candidates.values():
        for target_id in target_ids:
            wanted_by[target_id] += 1
    return rest.with_pairs(
        (contact, targets[only])
        for contact in rest.source
        if len(candidates[contact.id]) == 1
        for only in candidates[contact.id]
        if wanted_by[only] == 1
    )


def _candidates(rest: _Pass) -> Mapping[str, set[str]]:
    """For each unpaired source contact, the ids of unpaired target contacts with its e-mail or its name."""
    candidates: dict[str, set[str]] = {contact.id: set() for contact in rest.source}
    for key in (_email_key, _name_key) if rest.source and rest.target else ():
        targets = _by_key(rest.target, key)
        for value, contacts in _by_key(rest.source, key).items():
            for contact in contacts:
                candidates[contact.id].update(partner.id for partner in targets.get(value, ()))
    return candidates


def _by_key(contacts: Iterable[Contact], key: _Key) -> Mapping[str, Sequence[Contact]]:
    """The contacts by their key; those whose key is empty are in none."""
    found: dict[str, list[Contact]] = {}
    for contact in contacts:
        if value := key(contact):
            found.setdefault(value, []).append(contact)
    return found


def _email_key(contact: Contact) -> str:
    return normalise(FieldKind.EMAIL, contact.email)


def _name_key(contact: Contact) -> str:
    return " ".join(normalise(FieldKind.TEXT, contact.name).casefold().split())


def _exact_key(contact: Contact) -> tuple[str, str] | None:
    email, name = contact.values.get("contact.email"), contact.values.get("contact.name")
    return (email, name) if email and name else None


def _both_key(contact: Contact) -> str:
    email, name = _email_key(contact), _name_key(contact)
    return f"{email}\n{name}" if email and name else ""
