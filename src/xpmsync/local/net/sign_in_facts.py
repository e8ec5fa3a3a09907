"""What may be known of a sign-in without opening the keyring: a file beside the ledger, with no secret in it."""

from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from xpmsync.core.enums import System
from xpmsync.errors import StateUnusable
from xpmsync.local.system.json_files import read_record, write_record

_OWN_HOSTS: Final[Mapping[System, tuple[str, ...]]] = {
    System.XPM: ("api.xero.com",),
    System.IGNITION: ("mcp.ignitionapp.com",),
}
"""What sign-ins were granted for that were stored before their hosts were."""


@dataclass(frozen=True, slots=True)
class SignInFacts:
    """What may be known of a sign-in without opening the keyring; no secret in it. Moments are UTC."""

    host: str = ""
    practice: str = ""
    scopes: tuple[str, ...] = ()
    where: str = ""
    client_id: str = ""
    tenant_id: str = ""
    hosts: tuple[str, ...] = ()
    expires_at: datetime | None = None
    renewed_at: datetime | None = None


def is_granted(hosts: Iterable[str], granted: Collection[str], system: System) -> bool:
    """Whether a sign-in to `system` may be used with all those API hosts; without a record, with the system's own."""
    return set(hosts) <= set(granted or _OWN_HOSTS[system])


def write_facts(path: Path, facts: SignInFacts) -> None:
    """Write the facts for `status`; a folder that takes no file costs no more than an outdated `status`."""
    with suppress(StateUnusable):
        write_record(path, facts)


def read_facts(path: Path) -> SignInFacts | None:
    """Return the facts written last, None where there are none that can be read."""
    facts = read_record(SignInFacts, path)
    return facts if facts and (facts.host or facts.client_id) else None
