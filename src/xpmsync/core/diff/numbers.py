"""The numbers in XPM's web addresses, where they are known, against those that Ignition's records carry.

XPM shows a client's number only in a single look-up, so few are known; a
contradiction between a number and a link means that the link may be wrong.
"""

from collections.abc import Iterable, Mapping

from xpmsync.core.model import Client, ClientRef, Link
from xpmsync.core.plan.hold_codes import HoldCode
from xpmsync.core.plan.plan import ClientDiff, Hold


class XpmNumbers:
    """Which XPM client has which number, as far as known; it learns while records are read."""

    def __init__(self, links: Iterable[Link] = ()) -> None:
        self._number_of: dict[str, str] = {}
        self._owner_of: dict[str, str] = {}
        for link in links:
            self.learn(link.xpm_id, link.xpm_number)

    @property
    def known(self) -> Mapping[str, str]:
        """Numbers by XPM id."""
        return self._number_of

    def learn(self, xpm_id: str, number: str) -> None:
        """Remember a number that XPM showed; an empty one is unknown."""
        if number:
            self._number_of[xpm_id] = number
            self._owner_of[number] = xpm_id

    def contradict(self, xpm_id: str, carried: str) -> bool:
        """Whether a number that an Ignition record carries is not that of the XPM client it is linked to."""
        ours = self._number_of.get(xpm_id, "")
        return bool(carried) and (ours not in ("", carried) or self._owner_of.get(carried, xpm_id) != xpm_id)

    def contradiction(self, client: ClientRef, ignition: Client | None) -> ClientDiff | None:
        """Hold a linked client whose Ignition record carries another XPM client's number; None where nothing does."""
        carried = ignition.xpm_number if ignition else ""
        if not self.contradict(client.xpm_id, carried):
            return None
        ours = self._number_of.get(client.xpm_id, "")
        who = f"number {ours}" if ours else client.xpm_id
        reason = (
            f"In Ignition it is XPM client number {carried}, by the link it is {who}. Unlink it here, or correct it"
        )
        reason += " there under Edit Client -> Apps."
        return ClientDiff(client, holds=(Hold(client, "client", HoldCode.CONTRADICTION, reason),))
