"""Filters: which linked clients a sync looks at."""

from __future__ import annotations

from dataclasses import dataclass

from xpmsync.core.links import Link
from xpmsync.core.model import Client

__all__ = ["Filter"]


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

    def admits(self, link: Link, xpm: Client | None) -> bool:
        """Whether a sync looks at the client; one that is gone from XPM is judged by its name and ids alone."""
        names = {link.xpm_id, link.ignition_id.casefold(), link.name.strip().casefold()}
        if xpm is not None:
            names.add(xpm.name.strip().casefold())
        if names & _folded(self.exclude):
            return False
        if names & _folded(self.include):
            return True
        wanted = (self.groups, self.managers, self.partners, self.structures)
        if not any(wanted):
            return not self.include
        return xpm is not None and all(
            not words or _folded(words) & has for words, has in zip(wanted, _facts(xpm), strict=True)
        )


def _facts(xpm: Client) -> tuple[frozenset[str], ...]:
    return (
        _folded(tuple(xpm.values.get("group", "").splitlines())),
        _folded((xpm.manager,)),
        _folded((xpm.partner,)),
        _folded((xpm.values.get("structure", ""),)),
    )


def _folded(words: tuple[str, ...]) -> frozenset[str]:
    return frozenset(word.strip().casefold() for word in words if word.strip())
