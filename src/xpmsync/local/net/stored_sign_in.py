"""The access token of a stored sign-in, renewed by itself, and once only, whatever runs at the same time."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from xpmsync.core.enums import System
from xpmsync.errors import SignInNeeded
from xpmsync.local.net.sign_in import SignIn, is_granted, write_facts
from xpmsync.local.system.clock import Clock
from xpmsync.local.system.redaction import conceal

if TYPE_CHECKING:
    from xpmsync.local.secrets.vault import Account, Vault

__all__ = ["GivenToken", "StoredSignIn", "TokenSource", "store_sign_in"]

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
    write_facts(facts, account.host, signed, vault.describe())
