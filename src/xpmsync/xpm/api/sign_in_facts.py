"""What is noted of a sign-in in the state folder, so that `status` need not open the keyring. No secret is in it."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from xpmsync.errors import StateUnusable
from xpmsync.local.settings.settings import XpmSettings
from xpmsync.local.system.files import write_private
from xpmsync.local.system.json_files import read_table

if TYPE_CHECKING:
    from xpmsync.xpm.api.sign_in import SignIn

__all__ = ["ACCESS_TOKEN_VARIABLE", "SignInFacts", "moment_of", "read_facts", "write_facts"]

ACCESS_TOKEN_VARIABLE: Final = "XPMSYNC_XPM_ACCESS_TOKEN"  # noqa: S105 - a variable's name, no secret
"""Names an access token that wins over the keyring, for containers and tests."""
_UNUSED_DAYS: Final = 60
"""After so many days without a refresh Xero forgets a sign-in (facts, section 4)."""


@dataclass(frozen=True, slots=True)
class SignInFacts:
    """What may be known of a sign-in without opening the keyring; no secret in it. Moments are UTC."""

    client_id: str
    host: str
    tenant_id: str
    practice: str
    scopes: tuple[str, ...]
    expires_at: datetime
    renewed_at: datetime
    where: str

    @property
    def lapses_at(self) -> datetime:
        """When Xero forgets the sign-in, unless it is used before."""
        return self.renewed_at + timedelta(days=_UNUSED_DAYS)


def write_facts(path: Path, xpm: XpmSettings, sign_in: SignIn, where: str) -> None:
    """Note the facts for `status`; a folder that takes no file costs no more than an outdated `status`."""
    told = {
        "client_id": xpm.client_id,
        "host": urlsplit(xpm.token_endpoint).netloc,
        "tenant_id": sign_in.tenant_id,
        "practice": sign_in.practice,
        "scopes": " ".join(sign_in.tokens.scopes),
        "expires_at": int(sign_in.tokens.expires_at.timestamp()),
        "renewed_at": int(sign_in.renewed_at.timestamp()),
        "where": where,
    }
    with suppress(StateUnusable):
        write_private(path, json.dumps(told, indent=1) + "\n")


def read_facts(path: Path) -> SignInFacts | None:
    """Return the facts noted last, None where there are none that can be read."""
    told = read_table(path)
    if not told.get("client_id"):
        return None
    word = {name: str(told.get(name, "")) for name in ("client_id", "host", "tenant_id", "practice", "scopes", "where")}
    return SignInFacts(
        word["client_id"],
        word["host"],
        word["tenant_id"],
        word["practice"],
        tuple(word["scopes"].split()),
        moment_of(told.get("expires_at")),
        moment_of(told.get("renewed_at")),
        word["where"],
    )


def moment_of(seconds: object) -> datetime:
    """Read whole seconds since 1970; the distant past for anything else, which counts as expired."""
    try:
        return datetime.fromtimestamp(seconds if isinstance(seconds, int) else 0, UTC)
    except (OverflowError, OSError, ValueError):
        return datetime.fromtimestamp(0, UTC)
