"""The sign-in to XPM: whose secret it is, its hosts and scopes, and when it lapses. Light, for `status`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from xpmsync.core.enums import Direction, System
from xpmsync.local.net.sign_in_facts import SignInFacts
from xpmsync.local.settings.sections import XpmSettings

if TYPE_CHECKING:
    from xpmsync.local.secrets.vault import Account

ACCESS_TOKEN_VARIABLE: Final = "XPMSYNC_XPM_ACCESS_TOKEN"  # noqa: S105 - a variable's name, no secret
"""Names an access token that wins over the keyring, for containers and tests."""
_UNUSED_DAYS: Final = 60
"""After so many days without a refresh Xero forgets a sign-in (facts, section 4)."""
_READ: Final = "practicemanager.client.read"
_WRITE: Final = "practicemanager.client"


def account_of(xpm: XpmSettings) -> Account:
    """Return whose secret a sign-in is: by app and tenant, and by the host that gave it, not by profile."""
    from xpmsync.local.secrets.vault import Account

    return Account(System.XPM, urlsplit(xpm.token_endpoint).netloc, f"{xpm.client_id}/{xpm.tenant_id}")


def api_hosts(xpm: XpmSettings) -> tuple[str, ...]:
    """The hosts that access tokens are sent to: XPM's, and the list of connections."""
    return tuple(dict.fromkeys(urlsplit(url).netloc for url in (xpm.api_base, xpm.connections_endpoint)))


def scopes_for(direction: Direction) -> tuple[str, ...]:
    """Return the least scopes for a direction: XPM is only written when it is the target."""
    return ("offline_access", _WRITE if direction is Direction.TO_XPM else _READ)


def missing_scopes(granted: Sequence[str], direction: Direction) -> tuple[str, ...]:
    """Return the scopes that the direction needs and were not granted; the right to write includes reading."""
    have = {*granted, *([_READ] if _WRITE in granted else [])}
    return tuple(scope for scope in scopes_for(direction) if scope not in have)


def lapses_at(facts: SignInFacts) -> datetime | None:
    """When Xero forgets the sign-in, unless it is used before."""
    return facts.renewed_at + timedelta(days=_UNUSED_DAYS) if facts.renewed_at else None
