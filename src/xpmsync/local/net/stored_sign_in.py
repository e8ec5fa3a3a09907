"""A stored sign-in to XPM or to Ignition: its secrets in the keyring, and its access token, renewed by itself.

All secrets of one sign-in are one text, because macOS asks for each keyring entry
again after Python is upgraded. A token is renewed once only, whatever runs at the
same time.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from xpmsync.core.enums import System
from xpmsync.errors import SignInNeeded
from xpmsync.local.net.sign_in_facts import SignInFacts, is_granted, write_facts
from xpmsync.local.system.clock import Clock
from xpmsync.local.system.json_files import table_in
from xpmsync.local.system.log import conceal

if TYPE_CHECKING:
    from xpmsync.local.secrets.vault import Account, Vault

_FORMAT: Final = 1
_LETTERS: Final = "arsiktpcmudeh"
"""Names of the texts in the stored form, one letter each: Windows' keyring has little room."""


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

    def facts(self, host: str, where: str) -> SignInFacts:
        """What may be known of it without the keyring; `where` says in which place its secrets are."""
        return SignInFacts(
            host,
            self.practice,
            self.tokens.scopes,
            where,
            self.client.client_id,
            self.tenant_id,
            self.hosts,
            self.tokens.expires_at,
            self.renewed_at,
        )

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


def _seconds(moment: datetime | None) -> int | None:
    return int(moment.timestamp()) if moment else None


def _moment(seconds: object) -> datetime | None:
    """Read whole seconds since 1970; None for anything else."""
    try:
        return datetime.fromtimestamp(seconds, UTC) if isinstance(seconds, int) else None
    except (OverflowError, OSError, ValueError):
        return None


_MARGIN: Final = timedelta(minutes=2)
"""A token this close to its end is renewed before a call is made with it."""


class TokenSource(Protocol):
    """Where the access token comes from."""

    def token(self) -> str:
        """A token that should be valid now; raises `SignInNeeded`."""
        ...

    def refresh_after_401(self, stale: str) -> str:
        """Another token, after the system refused this one; raises `SignInNeeded`."""
        ...


class GivenToken:
    """A token that cannot be renewed: from an environment variable, the simulator, or a sign-in not stored yet."""

    def __init__(self, system: System, token: str) -> None:
        conceal(token)
        self._system = system
        self._token = token

    def token(self) -> str:
        """The token as given."""
        return self._token

    def refresh_after_401(self, stale: str) -> str:
        """Raise `SignInNeeded` (`refused-token`): there is no other."""
        raise SignInNeeded(self._system, "refused-token")


class StoredSignIn:
    """The stored sign-in of one practice to one system.

    `account` is whose secret it is, None where the settings name nobody yet;
    `hosts` are the API hosts that the settings name: a token that was not granted
    for them is never sent, nor renewed for their sake (`other-host`);
    `renew` returns it with new tokens from the system; `facts` is the file in which `status`
    finds when that was last. Methods raise `SignInNeeded` with reason
    `not-signed-in`, `other-host` or `expired`, `KeyringUnusable`, and what `renew` raises.
    """

    def __init__(
        self,
        account: Account | None,
        vault: Vault,
        clock: Clock,
        facts: Path,
        renew: Callable[[SignIn], SignIn],
        *,
        system: System,
        hosts: Collection[str],
    ) -> None:
        self._account = account
        self._vault = vault
        self._clock = clock
        self._facts = facts
        self._renew = renew
        self._system = system
        self._hosts = hosts
        self._known: SignIn | None = None

    def token(self) -> str:
        """A token with at least two minutes left, renewed where the stored one has less."""
        signed = self._known or self._stored()
        if signed and self._fresh(signed):
            self._known = signed
            return signed.tokens.access
        return self._renewed("")

    def refresh_after_401(self, stale: str) -> str:
        """Another token than `stale`: a newer stored one, else a renewed one."""
        return self._renewed(stale)

    def _renewed(self, stale: str) -> str:
        if self._account is None:
            raise SignInNeeded(self._system, "not-signed-in")
        with self._vault.lock(self._account):
            # Read again: another process, before us, may have renewed it.
            signed = self._stored()
            if signed is None:
                raise SignInNeeded(self._system, "not-signed-in")
            if not self._fresh(signed) or signed.tokens.access == stale:
                if not signed.tokens.refresh:
                    raise SignInNeeded(self._system, "expired")
                signed = replace(self._renew(signed), renewed_at=self._clock.now())
                # Stored before it is used: the old one may be worth nothing any more.
                store_sign_in(self._vault, self._account, signed, self._facts)
        self._known = signed
        return signed.tokens.access

    def _stored(self) -> SignIn | None:
        text = self._vault.read(self._account) if self._account is not None else None
        signed = SignIn.unpack(text) if text else None
        if signed is not None and not is_granted(self._hosts, signed.hosts, self._system):
            raise SignInNeeded(self._system, "other-host")
        return signed

    def _fresh(self, signed: SignIn) -> bool:
        expires_at = signed.tokens.expires_at
        return bool(signed.tokens.access) and (expires_at is None or self._clock.now() + _MARGIN < expires_at)


def store_sign_in(vault: Vault, account: Account, signed: SignIn, facts: Path) -> None:
    """Write a sign-in to the keyring, and what `status` may know of it to a file; call it within the account's lock."""
    from xpmsync.local.secrets.vault import TEXT_LIMIT

    vault.write(account, signed.pack(TEXT_LIMIT))
    write_facts(facts, signed.facts(account.host, vault.describe()))
