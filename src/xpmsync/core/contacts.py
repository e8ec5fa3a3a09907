"""Which contact here is which contact there (design, rule 6).

By link, then by e-mail and name together, then by an e-mail or a name that
points to one single contact on both sides. Whatever stays unclear is left to a
person.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from xpmsync.core.catalogue import Kind
from xpmsync.core.model import Contact
from xpmsync.core.normalise import normalise

__all__ = ["Pairing", "pair_contacts"]


@dataclass(frozen=True, slots=True)
class Pairing:
    """The contacts of one client, sorted by what is known of them.

    `lost_in_target` holds source contacts whose linked target contact is gone.
    """

    pairs: tuple[tuple[Contact, Contact], ...] = ()
    only_source: tuple[Contact, ...] = ()
    only_target: tuple[Contact, ...] = ()
    ambiguous: tuple[Contact, ...] = ()
    lost_in_target: tuple[Contact, ...] = ()


def pair_contacts(source: Sequence[Contact], target: Sequence[Contact], links: Mapping[str, str]) -> Pairing:
    """Pair the contacts of a linked client; `links` maps source contact ids to target contact ids."""
    pairs: list[tuple[Contact, Contact]] = []
    here = {c.id: c for c in source}
    there = {c.id: c for c in target}
    lost: list[Contact] = []
    for source_id, target_id in links.items():
        contact = here.get(source_id)
        if contact is None:
            continue
        del here[source_id]
        if (partner := there.pop(target_id, None)) is not None:
            pairs.append((contact, partner))
        else:
            lost.append(contact)
    for key in (_exact_key, _both_keys):
        if here and there:
            _pair_unique(here, there, pairs, key)
    ambiguous = _pair_by_either(here, there, pairs) if here and there else set()
    if len(pairs) > 1:
        position = {c.id: i for i, c in enumerate(source)}
        pairs.sort(key=lambda p: position[p[0].id])
    return Pairing(
        pairs=tuple(pairs),
        only_source=tuple(c for c in here.values() if c.id not in ambiguous),
        only_target=tuple(there.values()),
        ambiguous=tuple(c for c in here.values() if c.id in ambiguous),
        lost_in_target=tuple(lost),
    )


def _email_key(contact: Contact) -> str:
    return normalise(Kind.EMAIL, contact.email)


def _name_key(contact: Contact) -> str:
    return " ".join(normalise(Kind.TEXT, contact.name).casefold().split())


def _exact_key(contact: Contact) -> str:
    """The same as `_both_keys` without normalising: most contacts agree to the letter."""
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
) -> set[str]:
    """Pair those with one single candidate on both sides; return the source ids that have unclear ones."""
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
    for source_id, targets_of in candidates.items():
        if not targets_of:
            continue
        (first, *others) = targets_of
        if not others and wanted_by[first] == {source_id}:
            pairs.append((here.pop(source_id), there.pop(first)))
        else:
            unclear.add(source_id)
    return unclear
