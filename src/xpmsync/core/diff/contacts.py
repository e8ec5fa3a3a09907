"""Which contact here is which contact there (design, rule 6).

By link, then by e-mail and name together, then by an e-mail or a name that
points to one single contact on both sides. Whatever stays unclear is left to a
person.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from xpmsync.core.catalogue import FieldKind
from xpmsync.core.model import Contact
from xpmsync.core.text import normalise

__all__ = ["Pairing", "pair_contacts"]


@dataclass(frozen=True, slots=True)
class Pairing:
    """The contacts of one client, sorted by what is known of them; each is in exactly one place.

    `lost_in_target` holds source contacts whose linked target contact is gone and
    that nobody else there fits, `claimed_in_target` the target contacts that those
    in `ambiguous` may be.
    """

    pairs: tuple[tuple[Contact, Contact], ...] = ()
    only_source: tuple[Contact, ...] = ()
    only_target: tuple[Contact, ...] = ()
    ambiguous: tuple[Contact, ...] = ()
    claimed_in_target: tuple[Contact, ...] = ()
    lost_in_target: tuple[Contact, ...] = ()


def pair_contacts(source: Sequence[Contact], target: Sequence[Contact], links: Mapping[str, str]) -> Pairing:
    """Pair the contacts of a linked client; `links` maps source contact ids to target contact ids."""
    pairs: list[tuple[Contact, Contact]] = []
    here = {c.id: c for c in source}
    there = {c.id: c for c in target}
    lost: set[str] = set()
    for source_id, target_id in links.items():
        if source_id not in here:
            continue
        if (partner := there.pop(target_id, None)) is not None:
            pairs.append((here.pop(source_id), partner))
        else:
            lost.add(source_id)
    if here and there and not _pair_to_the_letter(here, there, pairs):
        _pair_unique(here, there, pairs, _both_keys)
    ambiguous, claimed = _pair_by_either(here, there, pairs) if here and there else (set(), set())
    left = [contact for contact in here.values() if contact.id not in ambiguous]
    if len(pairs) > 1:
        position = {c.id: i for i, c in enumerate(source)}
        pairs.sort(key=lambda p: position[p[0].id])
    return Pairing(
        pairs=tuple(pairs),
        only_source=tuple(c for c in left if c.id not in lost),
        only_target=tuple(c for c in there.values() if c.id not in claimed),
        ambiguous=tuple(c for c in here.values() if c.id in ambiguous),
        claimed_in_target=tuple(c for c in there.values() if c.id in claimed),
        lost_in_target=tuple(c for c in left if c.id in lost),
    )


def _email_key(contact: Contact) -> str:
    return normalise(FieldKind.EMAIL, contact.email)


def _name_key(contact: Contact) -> str:
    return " ".join(normalise(FieldKind.TEXT, contact.name).casefold().split())


def _exact_key(contact: Contact) -> str:
    values = contact.values
    email, name = values.get("contact.email", ""), values.get("contact.name", "")
    return f"{email}\n{name}" if email and name else ""


def _both_keys(contact: Contact) -> str:
    email, name = _email_key(contact), _name_key(contact)
    return f"{email}\n{name}" if email and name else ""


def _by_key(contacts: Iterable[Contact], key: Callable[[Contact], str]) -> dict[str, list[Contact]]:
    found: dict[str, list[Contact]] = {}
    for contact in contacts:
        if wanted := key(contact):
            found.setdefault(wanted, []).append(contact)
    return found


def _pair_to_the_letter(
    here: dict[str, Contact], there: dict[str, Contact], pairs: list[tuple[Contact, Contact]]
) -> bool:
    """Pair all contacts by e-mail and name as they stand, or none: most clients' agree, and normalising takes time."""
    if len(here) != len(there):
        return False
    sources = {_exact_key(c): c for c in here.values()}
    targets = {_exact_key(c): c for c in there.values()}
    if "" in sources or len(sources) < len(here) or sources.keys() != targets.keys():
        return False
    pairs += [(contact, targets[key]) for key, contact in sources.items()]
    here.clear()
    there.clear()
    return True


def _pair_unique(
    here: dict[str, Contact],
    there: dict[str, Contact],
    pairs: list[tuple[Contact, Contact]],
    key: Callable[[Contact], str],
) -> None:
    targets = _by_key(there.values(), key)
    for wanted, sources in _by_key(here.values(), key).items():
        partners = targets.get(wanted, [])
        if len(sources) == len(partners) == 1:
            pairs.append((here.pop(sources[0].id), there.pop(partners[0].id)))


def _pair_by_either(
    here: dict[str, Contact], there: dict[str, Contact], pairs: list[tuple[Contact, Contact]]
) -> tuple[set[str], set[str]]:
    """Pair those with one single candidate on both sides; return the ids of the unclear, in source and target."""
    candidates: dict[str, set[str]] = {source_id: set() for source_id in here}
    wanted_by: dict[str, set[str]] = {target_id: set() for target_id in there}
    for key in (_email_key, _name_key):
        targets = _by_key(there.values(), key)
        for wanted, sources in _by_key(here.values(), key).items():
            for contact in sources:
                for partner in targets.get(wanted, []):
                    candidates[contact.id].add(partner.id)
                    wanted_by[partner.id].add(contact.id)
    unclear: set[str] = set()
    claimed: set[str] = set()
    for source_id, targets_of in candidates.items():
        if not targets_of:
            continue
        (first, *others) = targets_of
        if not others and wanted_by[first] == {source_id}:
            pairs.append((here.pop(source_id), there.pop(first)))
        else:
            unclear.add(source_id)
            claimed |= targets_of
    return unclear, claimed
