"""Filters: which linked clients a sync looks at."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, fields
from typing import Final

from xpmsync.core.model import Client, Link

__all__ = ["Filter"]


_NARROWING: Final = ("groups", "managers", "partners", "structures")


@dataclass(frozen=True, slots=True)
class Filter:
    """Groups, managers, partners and structures narrow; `include` adds clients, `exclude` wins over all.

    Words are compared without regard to capitals and outer blanks; clients are
    named by either id or by exact name.
    """

    groups: tuple[str, ...] = ()
    managers: tuple[str, ...] = ()
    partners: tuple[str, ...] = ()
    structures: tuple[str, ...] = ()
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether it lets everybody through, as it does where nothing is set."""
        return not any((self.groups, self.managers, self.partners, self.structures, self.include, self.exclude))

    def admits(self, link: Link, xpm: Client | None) -> bool:
        """Whether a sync looks at the client; one that is gone from XPM is known by its name and ids alone."""
        if self.is_open:
            return True
        return self.admits_fitting({name for name, _ in self.fitting(link, xpm)})

    def admits_fitting(self, lists: Collection[str]) -> bool:
        """The same for a client whom these lists fit."""
        if "exclude" in lists or "include" in lists:
            return "exclude" not in lists
        narrowing = [name for name in _NARROWING if _folded(getattr(self, name))]
        return all(name in lists for name in narrowing) if narrowing else not _folded(self.include)

    def fitting(self, link: Link, xpm: Client | None) -> set[tuple[str, str]]:
        """Which of the filter's words fit the client, each with the name of its list."""
        names = _folded((link.xpm_id, link.ignition_id, link.name, xpm.name if xpm else ""))
        facts = (*(_facts(xpm) if xpm else [frozenset()] * 4), names, names)
        return {
            (each.name, word)
            for each, has in zip(fields(self), facts, strict=True)
            for word in getattr(self, each.name)
            if word.strip().casefold() in has
        }

    def words(self) -> list[tuple[str, str]]:
        """All its words, each with the name of its list, in the order of the settings."""
        return [(each.name, word) for each in fields(self) for word in getattr(self, each.name) if word.strip()]


def _facts(xpm: Client) -> tuple[frozenset[str], ...]:
    return (
        _folded(tuple(xpm.values.get("group", "").splitlines())),
        _folded((xpm.manager,)),
        _folded((xpm.partner,)),
        _folded((xpm.values.get("structure", ""),)),
    )


def _folded(words: tuple[str, ...]) -> frozenset[str]:
    return frozenset(word.strip().casefold() for word in words if word.strip())
