"""A sign-in as it is kept in the keyring.

All tokens of one sign-in are one text in one entry, because macOS asks for
each entry anew after Python is upgraded.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from xpmsync.core.enums import System
from xpmsync.local.settings.settings import XpmSettings
from xpmsync.local.system.json_files import table_in
from xpmsync.local.system.redaction import conceal
from xpmsync.xpm.api.sign_in_facts import moment_of

if TYPE_CHECKING:
    from xpmsync.local.secrets.vault import Account
    from xpmsync.xpm.api.oauth import Tokens

__all__ = ["SignIn", "account_of"]

_FORMAT: Final = 1


@dataclass(frozen=True, slots=True)
class SignIn:
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

    def renewed(self, tokens: Tokens, at: datetime) -> SignIn:
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
    def unpack(cls, text: str) -> SignIn | None:
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
