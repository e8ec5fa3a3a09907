"""A sign-in to XPM or to Ignition as it is stored: the secrets as one text for the keyring, the rest in a file.

All secrets of one sign-in are one text, because macOS asks for each keyring
entry again after Python is upgraded.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from xpmsync.core.enums import System
from xpmsync.errors import StateUnusable
from xpmsync.local.system.json_files import read_record, table_in, write_record
from xpmsync.local.system.redaction import conceal

__all__ = ["OAuthClient", "SignIn", "SignInFacts", "Tokens", "is_granted", "read_facts", "write_facts"]

_FORMAT: Final = 1
_LETTERS: Final = "arsiktpcmudeh"
"""Names of the texts in the stored form, one letter each: Windows' keyring has little room."""

_OWN_HOSTS: Final[Mapping[System, tuple[str, ...]]] = {
    System.XPM: ("api.xero.com",),
    System.IGNITION: ("mcp.ignitionapp.com",),
}
"""What sign-ins were granted for that were stored before their hosts were."""


@dataclass(frozen=True, slots=True)
class OAuthClient:
    """This program as it is registered with an identity server.

    `method` is how the secret proves it at the token endpoint, by OAuth's name;
    without a secret it is a public client, which proves itself with PKCE.
    """

    client_id: str
    secret: str = field(default="", repr=False)
    method: str = "client_secret_basic"


@dataclass(frozen=True, slots=True)
class Tokens:
    """One grant's tokens. `expires_at` (UTC) is the access token's end, None where the server did not say."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    expires_at: datetime | None
    scopes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SignIn:
    """One sign-in and the practice it leads to.

    `hosts` are the API hosts (with ports) that its tokens may be sent to.
    `tenant_id` and `connection_id` are XPM's. `token_url`, `revoke_url` and
    `resource` are where and for what Ignition's tokens are renewed; XPM's
    addresses come from the settings.
    """

    tokens: Tokens
    client: OAuthClient
    renewed_at: datetime
    practice: str = ""
    tenant_id: str = ""
    connection_id: str = ""
    token_url: str = ""
    revoke_url: str = ""
    resource: str = ""
    hosts: tuple[str, ...] = ()

    def pack(self, limit: int) -> str:
        """The sign-in as ASCII text for the keyring, without the access token where `limit` characters are too few.

        The access token is then renewed by every run; the refresh token is what counts.
        """
        whole = self._text(self.tokens.access)
        return whole if len(whole) <= limit or not self.tokens.refresh else self._text("")

    def _text(self, access: str) -> str:
        tokens, client = self.tokens, self.client
        conceal(tokens.access, tokens.refresh, client.secret)
        texts = (
            *(access, tokens.refresh, " ".join(tokens.scopes), client.client_id, client.secret),
            *(self.tenant_id, self.practice, self.connection_id, client.method),
            *(self.token_url, self.revoke_url, self.resource, " ".join(self.hosts)),
        )
        stored: dict[str, object] = {letter: text for letter, text in zip(_LETTERS, texts, strict=True) if text}
        moments = {"x": _seconds(tokens.expires_at), "n": _seconds(self.renewed_at)}
        return json.dumps({"v": _FORMAT, **stored, **moments}, separators=(",", ":"))

    @classmethod
    def unpack(cls, text: str) -> SignIn | None:
        """Read what `pack` wrote; None for anything else, which then counts as not signed in."""
        stored = table_in(text)
        if stored.get("v") != _FORMAT:
            return None
        word = {letter: str(stored.get(letter, "")) for letter in _LETTERS}
        conceal(word["a"], word["r"], word["k"])
        return cls(
            Tokens(word["a"], word["r"], _moment(stored.get("x")), tuple(word["s"].split())),
            OAuthClient(word["i"], word["k"], word["m"] or "client_secret_basic"),
            _moment(stored.get("n")) or datetime.fromtimestamp(0, UTC),
            practice=word["p"],
            tenant_id=word["t"],
            connection_id=word["c"],
            token_url=word["u"],
            revoke_url=word["d"],
            resource=word["e"],
            hosts=tuple(word["h"].split()),
        )


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


def write_facts(path: Path, host: str, sign_in: SignIn, where: str) -> None:
    """Write the facts for `status`; a folder that takes no file costs no more than an outdated `status`."""
    tokens = sign_in.tokens
    facts = SignInFacts(
        host,
        sign_in.practice,
        tokens.scopes,
        where,
        sign_in.client.client_id,
        sign_in.tenant_id,
        sign_in.hosts,
        tokens.expires_at,
        sign_in.renewed_at,
    )
    with suppress(StateUnusable):
        write_record(path, facts)


def read_facts(path: Path) -> SignInFacts | None:
    """Return the facts written last, None where there are none that can be read."""
    facts = read_record(SignInFacts, path)
    return facts if facts and (facts.host or facts.client_id) else None


def _seconds(moment: datetime | None) -> int | None:
    return int(moment.timestamp()) if moment else None


def _moment(seconds: object) -> datetime | None:
    """Read whole seconds since 1970; None for anything else."""
    try:
        return datetime.fromtimestamp(seconds, UTC) if isinstance(seconds, int) else None
    except (OverflowError, OSError, ValueError):
        return None
