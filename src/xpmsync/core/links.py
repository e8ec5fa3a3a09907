"""A link: this XPM client and this Ignition client are the same one."""

from __future__ import annotations

from dataclasses import dataclass

from xpmsync.core.enums import Level, System
from xpmsync.core.model import ClientRef

__all__ = ["Link"]


@dataclass(frozen=True, slots=True)
class Link:
    """A pair of ids, with what the last run found out about the pair.

    `name` is the client's name when last seen. `ignition_print` is the
    fingerprint of Ignition's record as the last run left it, empty while the
    pair was never compared. `since` is when the link was made (UTC, ISO). `level`
    overrules the profile's level for this client, None where it does not.
    `xpm_number` is the number in XPM's web address, once a single look-up told it.
    `outside` says that the filters left it out when it was compared last.
    """

    xpm_id: str
    ignition_id: str
    name: str
    since: str
    ignition_print: str = ""
    level: Level | None = None
    xpm_number: str = ""
    outside: bool = False

    @property
    def ref(self) -> ClientRef:
        """The client as plans name it."""
        return ClientRef(self.xpm_id, self.ignition_id, self.name)

    def id_in(self, system: System) -> str:
        """The client's id in that system."""
        return self.xpm_id if system is System.XPM else self.ignition_id
