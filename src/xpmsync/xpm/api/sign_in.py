"""A sign-in as it is kept in the keyring.

All tokens of one sign-in are one text in one entry, because macOS asks for
each entry anew after Python is upgraded.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from xpmsync.core.enums import Direction, System
from xpmsync.errors import StateUnusable
from xpmsync.local.settings.settings import XpmSettings
from xpmsync.local.system.files import write_private
from xpmsync.local.system.json_files import read_table, table_in
from xpmsync.local.system.redaction import conceal

if TYPE_CHECKING:
    from xpmsync.local.secrets.vault import Account
    from xpmsync.xpm.api.oauth import Tokens

__all__ = [
    "ACCESS_TOKEN_VARIABLE",
    "XpmSignIn",
    "XpmSignInFacts",
    "account_of",
    "missing_scopes",
    "moment_of",
    "read_facts",
    "scopes_for",
    "write_facts",
]

_FORMAT: Final = 1


@dataclass(frozen=True, slots=True)
class XpmSignIn:
    """One sign-in to XPM: its tokens, the practice it is for, and the app's secret if it has one."""

    tokens: Tokens
    tenant_id: str
    practice: str
    connection_id: str
    renewed_at: datetime
    app_secret: str = field(default="", repr=False)

    @property
    def access(self) -> str:
        """The access token."""
        return self.tokens.access

    @property
    def expires_at(self) -> datetime:
        """When it ends."""
        return self.tokens.expires_at

    def renewed(self, tokens: Tokens, at: datetime) -> XpmSignIn:
        """The same sign-in with new tokens."""
        return replace(self, tokens=tokens, renewed_at=at)

    def pack(self) -> str:
        """The sign-in as short ASCII text for the keyring."""
        tokens = self.tokens
        conceal(tokens.access, tokens.refresh, self.app_secret)
        return json.dumps(
            {
                "v": _FORMAT,
                "a": tokens.access,
                "r": tokens.refresh,
                "x": int(tokens.expires_at.timestamp()),
                "s": " ".join(tokens.scopes),
                "t": self.tenant_id,
                "p": self.practice,
                "c": self.connection_id,
                "n": int(self.renewed_at.timestamp()),
                "k": self.app_secret,
            },
            separators=(",", ":"),
        )

    @classmethod
    def unpack(cls, text: str) -> XpmSignIn | None:
        """Read what `pack` wrote; None for anything else, which then counts as not signed in."""
        from xpmsync.xpm.api.oauth import Tokens

        held = table_in(text)
        if held.get("v") != _FORMAT:
            return None
        word = {name: str(held.get(name, "")) for name in "arstpck"}
        conceal(word["a"], word["r"], word["k"])
        tokens = Tokens(word["a"], word["r"], moment_of(held.get("x")), tuple(word["s"].split()))
        return cls(tokens, word["t"], word["p"], word["c"], moment_of(held.get("n")), word["k"])


def account_of(xpm: XpmSettings) -> Account:
    """Return whose secret a sign-in is: by app and tenant, and by the host that gave it, not by profile."""
    from xpmsync.local.secrets.vault import Account

    return Account(System.XPM, urlsplit(xpm.token_endpoint).netloc, f"{xpm.client_id}/{xpm.tenant_id}")


_READ: Final = "practicemanager.client.read"
_WRITE: Final = "practicemanager.client"


def scopes_for(direction: Direction) -> tuple[str, ...]:
    """Return the least scopes for a direction: XPM is only written when it is the target."""
    return ("offline_access", _WRITE if direction is Direction.TO_XPM else _READ)


def missing_scopes(granted: Sequence[str], direction: Direction) -> tuple[str, ...]:
    """Return the scopes that the direction needs and were not granted; the right to write includes reading."""
    have = {*granted, *([_READ] if _WRITE in granted else [])}
    return tuple(scope for scope in scopes_for(direction) if scope not in have)


ACCESS_TOKEN_VARIABLE: Final = "XPMSYNC_XPM_ACCESS_TOKEN"  # noqa: S105 - a variable's name, no secret
"""Names an access token that wins over the keyring, for containers and tests."""
_UNUSED_DAYS: Final = 60
"""After so many days without a refresh Xero forgets a sign-in (facts, section 4)."""


@dataclass(frozen=True, slots=True)
class XpmSignInFacts:
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


def write_facts(path: Path, xpm: XpmSettings, sign_in: XpmSignIn, where: str) -> None:
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


def read_facts(path: Path) -> XpmSignInFacts | None:
    """Return the facts noted last, None where there are none that can be read."""
    told = read_table(path)
    if not told.get("client_id"):
        return None
    word = {name: str(told.get(name, "")) for name in ("client_id", "host", "tenant_id", "practice", "scopes", "where")}
    return XpmSignInFacts(
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
