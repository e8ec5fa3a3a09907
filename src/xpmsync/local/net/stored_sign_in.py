"""A sign-in kept in the keyring, renewed by itself, and once only, whoever runs at the same time."""

from __future__ import annotations

from abc import ABC, abstractmethod
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, Generic, Protocol, TypeVar

from xpmsync.core.enums import System
from xpmsync.errors import SignInNeeded
from xpmsync.local.system.clock import Clock

if TYPE_CHECKING:
    from xpmsync.local.secrets.vault import Account, Vault

__all__ = ["Expiring", "StoredSignIn", "TokenSource"]

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


class Expiring(Protocol):
    """A sign-in with an access token."""

    @property
    def access(self) -> str:
        """The access token; empty where only the means to renew it were kept."""
        ...

    @property
    def expires_at(self) -> datetime | None:
        """When the token ends (UTC), None where the server did not say."""
        ...


_SignIn = TypeVar("_SignIn", bound=Expiring)


class StoredSignIn(ABC, Generic[_SignIn]):
    """The stored sign-in of one practice to one system; a system says how it is read, renewed and written.

    `account` is whose secret it is, None where the settings name nobody yet. Methods
    raise `SignInNeeded` with reason `not-signed-in` or `expired`, `KeyringUnusable`,
    and what renewing raises.
    """

    def __init__(self, system: System, account: Account | None, vault: Vault, clock: Clock) -> None:
        self._system = system
        self._account = account
        self._vault = vault
        self._clock = clock
        self._known: _SignIn | None = None

    def token(self) -> str:
        """A token with at least two minutes left, renewed where the stored one has less."""
        signed = self._known or self._stored()
        if signed and self._fresh(signed):
            self._known = signed
            return signed.access
        return self._renewed("")

    def refresh_after_401(self, stale: str) -> str:
        """Another token than `stale`: a newer stored one, else a renewed one."""
        return self._renewed(stale)

    @abstractmethod
    def _unpack(self, text: str) -> _SignIn | None:
        """Read what `_pack` wrote, None for anything else."""

    @abstractmethod
    def _pack(self, signed: _SignIn) -> str:
        """The sign-in as text for the keyring."""

    @abstractmethod
    def _renew(self, signed: _SignIn) -> _SignIn:
        """The same sign-in with new tokens from the system."""

    @abstractmethod
    def _note(self, signed: _SignIn) -> None:
        """Tell `status` what may be known of it without the keyring."""

    def _renewed(self, stale: str) -> str:
        if self._account is None:
            raise SignInNeeded(self._system, "not-signed-in")
        with self._vault.held(self._account):
            # Read again: whoever held the lock before us may have renewed it.
            signed = self._stored()
            if signed is None:
                raise SignInNeeded(self._system, "not-signed-in")
            if not self._fresh(signed) or signed.access == stale:
                signed = self._renew(signed)
                # Stored before it is used: the old one may be worth nothing any more.
                self._vault.write(self._account, self._pack(signed))
                self._note(signed)
        self._known = signed
        return signed.access

    def _stored(self) -> _SignIn | None:
        text = self._vault.read(self._account) if self._account is not None else None
        return self._unpack(text) if text else None

    def _fresh(self, signed: _SignIn) -> bool:
        if not signed.access:
            return False
        return signed.expires_at is None or self._clock.now() + _MARGIN < signed.expires_at
