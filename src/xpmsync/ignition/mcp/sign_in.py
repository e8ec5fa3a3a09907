"""A sign-in to Ignition's hosted service as it is kept: tokens in the keyring, the rest in the state folder.

A sign-in is one person's and leads to one practice, so each profile has its own.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from xpmsync.core.enums import System
from xpmsync.errors import SettingsError, StateUnusable
from xpmsync.local.settings.keys import LOOPBACK
from xpmsync.local.settings.settings import Settings
from xpmsync.local.system.files import write_private
from xpmsync.local.system.json_files import read_table, table_in
from xpmsync.local.system.paths import ProfilePaths
from xpmsync.local.system.redaction import conceal

if TYPE_CHECKING:
    from xpmsync.local.secrets.vault import Account

__all__ = ["Grant", "McpSignIn", "McpSignInFacts", "account_of", "read_facts", "server_url", "write_facts"]

_FORMAT: Final = 1


@dataclass(frozen=True, slots=True)
class Grant:
    """What a sign-in gave: tokens, this program's registration, and where both are renewed and given back.

    `expires_at` (UTC) is the access token's end, None where the server did not
    say. `method` is how the registration proves itself at the token endpoint.
    """

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    expires_at: datetime | None
    client_id: str
    client_secret: str = field(repr=False)
    method: str
    token_url: str
    revoke_url: str
    resource: str
    scopes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class McpSignIn:
    """One sign-in and the practice it leads to."""

    grant: Grant
    practice: str
    renewed_at: datetime

    @property
    def access(self) -> str:
        """The access token; empty where the keyring had no room for it."""
        return self.grant.access

    @property
    def expires_at(self) -> datetime | None:
        """When it ends, None where the server did not say."""
        return self.grant.expires_at

    def renewed(self, grant: Grant, at: datetime) -> McpSignIn:
        """The same sign-in with new tokens."""
        return replace(self, grant=grant, renewed_at=at)

    def pack(self, limit: int) -> str:
        """The sign-in as ASCII text for the keyring, without the access token where `limit` characters are too few.

        The access token is then renewed by every run; the refresh token is what counts.
        """
        whole = self._text(self.grant.access)
        return whole if len(whole) <= limit or not self.grant.refresh else self._text("")

    def _text(self, access: str) -> str:
        grant = self.grant
        conceal(grant.access, grant.refresh, grant.client_secret)
        told = {
            "v": _FORMAT,
            "a": access,
            "r": grant.refresh,
            "x": _seconds(grant.expires_at),
            "i": grant.client_id,
            "k": grant.client_secret,
            "m": grant.method,
            "u": grant.token_url,
            "d": grant.revoke_url,
            "e": grant.resource,
            "s": " ".join(grant.scopes),
            "p": self.practice,
            "n": _seconds(self.renewed_at),
        }
        return json.dumps(told, separators=(",", ":"))

    @classmethod
    def unpack(cls, text: str) -> McpSignIn | None:
        """Read what `pack` wrote; None for anything else, which then counts as not signed in."""
        held = table_in(text)
        if held.get("v") != _FORMAT:
            return None
        word = {name: str(held.get(name, "")) for name in "arikmudesp"}
        conceal(word["a"], word["r"], word["k"])
        grant = Grant(
            access=word["a"],
            refresh=word["r"],
            expires_at=_moment(held.get("x")),
            client_id=word["i"],
            client_secret=word["k"],
            method=word["m"],
            token_url=word["u"],
            revoke_url=word["d"],
            resource=word["e"],
            scopes=tuple(word["s"].split()),
        )
        return cls(grant, word["p"], _moment(held.get("n")) or datetime.fromtimestamp(0, UTC))


@dataclass(frozen=True, slots=True)
class McpSignInFacts:
    """What may be known of a sign-in without opening the keyring; no secret in it. Moments are UTC."""

    host: str
    practice: str
    scopes: tuple[str, ...]
    expires_at: datetime | None
    renewed_at: datetime | None
    where: str


def server_url(settings: Settings) -> str:
    """Where the hosted service answers; raises `SettingsError` unless it is https, or on this machine."""
    url = settings.ignition.mcp_url.strip()
    parts = urlsplit(url)
    here = (parts.hostname or "") in LOOPBACK
    if not parts.hostname or not (parts.scheme == "https" or (here and parts.scheme == "http")):
        raise SettingsError("must begin with https://", settings.path, "ignition.mcp_url")
    return url


def account_of(settings: Settings, paths: ProfilePaths) -> Account:
    """Return whose secret the sign-in is: this profile's in this state folder, and of no other host."""
    from xpmsync.local.secrets.vault import Account

    place = blake2b(os.path.normcase(paths.folder.absolute()).encode(), digest_size=6).hexdigest()
    return Account(System.IGNITION, urlsplit(server_url(settings)).netloc, f"{settings.profile}/{place}")


def write_facts(path: Path, url: str, sign_in: McpSignIn, where: str) -> None:
    """Note the facts for `status`; a folder that takes no file costs no more than an outdated `status`."""
    told = {
        "host": urlsplit(url).netloc,
        "practice": sign_in.practice,
        "scopes": " ".join(sign_in.grant.scopes),
        "expires_at": _seconds(sign_in.grant.expires_at),
        "renewed_at": _seconds(sign_in.renewed_at),
        "where": where,
    }
    with suppress(StateUnusable):
        write_private(path, json.dumps(told, indent=1) + "\n")


def read_facts(path: Path) -> McpSignInFacts | None:
    """Return the facts noted last, None where there are none that can be read."""
    told = read_table(path)
    if not told.get("host"):
        return None
    word = {name: str(told.get(name, "")) for name in ("host", "practice", "scopes", "where")}
    return McpSignInFacts(
        word["host"],
        word["practice"],
        tuple(word["scopes"].split()),
        _moment(told.get("expires_at")),
        _moment(told.get("renewed_at")),
        word["where"],
    )


def _seconds(moment: datetime | None) -> int | None:
    return int(moment.timestamp()) if moment else None


def _moment(seconds: object) -> datetime | None:
    """Read whole seconds since 1970; None for anything else."""
    try:
        return datetime.fromtimestamp(seconds, UTC) if isinstance(seconds, int) else None
    except (OverflowError, OSError, ValueError):
        return None
