"""Xero's identity server: consent, codes with PKCE, refresh tokens that work once, revocation, connections.

Tokens live in the world's file, so a sign-in on the built-in practice outlasts
the command that made it. Everything here is made up; nothing is a secret.
"""

import base64
import hashlib
import hmac
import json
import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Final

from xpmsync.local.system.clock import ReadTime
from xpmsync.local.system.sqlite import Database
from xpmsync.simulator.world.records import demo_id

_ACCESS_MINUTES: Final = 30
_REFRESH_DAYS: Final = 60
_CODE_MINUTES: Final = 5

ALL_SCOPES: Final = (
    "offline_access practicemanager.client.read practicemanager.client practicemanager.staff.read "
    "practicemanager.job.read practicemanager.job openid profile email"
)
"""Scopes the identity server knows; the broad `practicemanager` is gone."""


class Consent(StrEnum):
    """What the person at the consent screen does."""

    GRANT = "grant"
    DENY = "deny"
    INVALID_SCOPE = "invalid-scope"
    """Xero refuses the scopes, as it does for an app without approval."""
    ASK = "ask"
    """Show a page with a link for each answer."""


@dataclass(frozen=True, slots=True)
class RegisteredApp:
    """An app registered with Xero; without a secret it must use PKCE."""

    client_id: str
    secret: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Tenant:
    """An organisation the person may connect; `connection` is the id `/connections` gives it."""

    tenant_id: str
    connection: str
    name: str
    kind: str = "PRACTICEMANAGER"


@dataclass(frozen=True, slots=True)
class Granted:
    """An answer of the token endpoint."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    scopes: str
    seconds: int


@dataclass(eq=False)
class GrantRefused(Exception):
    """The token endpoint's refusal; `error` is OAuth's word for it."""

    error: str
    status: int = 400


@dataclass(frozen=True, slots=True)
class _Code:
    client_id: str
    redirect_uri: str
    scopes: str
    challenge: str
    expires: str


class Identity:
    """Codes, tokens and connections. Safe between threads; tokens are shared through the database."""

    def __init__(
        self, database: Database, clock: ReadTime, apps: tuple[RegisteredApp, ...], tenants: tuple[Tenant, ...]
    ) -> None:
        self.tenants = tenants
        self._apps = {app.client_id: app for app in apps}
        self._database = database
        self._clock = clock
        self._codes: dict[str, _Code] = {}
        self._lock = threading.Lock()

    def app(self, client_id: str) -> RegisteredApp | None:
        """The app of that id, if it is registered."""
        return self._apps.get(client_id)

    def issue_code(self, query: Mapping[str, str]) -> str:
        """A code for an authorization request the person agreed to; it reconnects the practice."""
        code = secrets.token_urlsafe(32)
        with self._lock:
            self._codes[code] = _Code(
                query.get("client_id", ""),
                query.get("redirect_uri", ""),
                query.get("scope", ""),
                query.get("code_challenge", ""),
                self._at(timedelta(minutes=_CODE_MINUTES)),
            )
        self._database.run("DELETE FROM disconnected")
        return code

    def exchange(self, form: Mapping[str, str], app: RegisteredApp, authenticated: bool) -> Granted:
        """Turn a code into tokens. Raises `GrantRefused` for a used, foreign or unproven code."""
        with self._lock:
            code = self._codes.pop(form.get("code", ""), None)
        if (
            code is None
            or code.client_id != app.client_id
            or code.redirect_uri != form.get("redirect_uri")
            or code.expires < self._at(timedelta())
        ):
            raise GrantRefused("invalid_grant")
        if code.challenge:
            if not hmac.compare_digest(code.challenge, _s256(form.get("code_verifier", ""))):
                raise GrantRefused("invalid_grant")
        elif not authenticated:
            raise GrantRefused("invalid_client", 401)
        return self._issue(app.client_id, code.scopes, secrets.token_hex(8))

    def refresh(self, token: str, app: RegisteredApp) -> Granted:
        """Consume a refresh token and issue the next pair. Raises `GrantRefused` for a used or dead one."""
        with self._database.writing() as connection:
            row: tuple[str, str] | None = connection.execute(
                "DELETE FROM tokens WHERE value = ? AND kind = 'refresh' AND app = ? AND expires > ?"
                " RETURNING scopes, consent",
                (token, app.client_id, self._at(timedelta())),
            ).fetchone()
            if row is None:
                raise GrantRefused("invalid_grant")
            return self._issue(app.client_id, *row)

    def revoke(self, token: str) -> None:
        """End the consent a refresh token belongs to, all its tokens included; an unknown one is fine."""
        self._database.run("DELETE FROM tokens WHERE consent IN (SELECT consent FROM tokens WHERE value = ?)", (token,))

    def scopes(self, access_token: str) -> frozenset[str] | None:
        """The scopes of a valid access token, or None."""
        with self._database.reading() as connection:
            row: tuple[str] | None = connection.execute(
                "SELECT scopes FROM tokens WHERE value = ? AND kind = 'access' AND expires > ?",
                (access_token, self._at(timedelta())),
            ).fetchone()
        return None if row is None else frozenset(row[0].split())

    def connected(self) -> tuple[Tenant, ...]:
        """The tenants the person has connected."""
        with self._database.reading() as connection:
            rows: list[tuple[str]] = connection.execute("SELECT connection FROM disconnected").fetchall()
        gone = {name for (name,) in rows}
        return tuple(tenant for tenant in self.tenants if tenant.connection not in gone)

    def disconnect(self, connection: str) -> bool:
        """Take a connection away; False when there is none of that id."""
        if connection not in {tenant.connection for tenant in self.connected()}:
            return False
        self._database.run("INSERT INTO disconnected VALUES (?)", (connection,))
        return True

    def _issue(self, client_id: str, scopes: str, consent: str) -> Granted:
        access = _access_token(client_id, scopes)
        refresh = secrets.token_urlsafe(32) if "offline_access" in scopes.split() else ""
        until = {
            access: ("access", timedelta(minutes=_ACCESS_MINUTES)),
            refresh: ("refresh", timedelta(days=_REFRESH_DAYS)),
        }
        with self._database.writing() as connection:
            for value, (kind, life) in until.items():
                if value:
                    connection.execute(
                        "INSERT INTO tokens VALUES (?, ?, ?, ?, ?, ?)",
                        (value, kind, client_id, consent, scopes, self._at(life)),
                    )
        return Granted(access, refresh, scopes, _ACCESS_MINUTES * 60)

    def _at(self, later: timedelta) -> str:
        return (self._clock() + later).strftime("%Y-%m-%dT%H:%M:%S.%f")


def _s256(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _access_token(client_id: str, scopes: str) -> str:
    """Shaped and as long as Xero's (a signed JWT, more than 1,000 characters), which keyrings must bear."""
    claims = {
        "iss": "https://identity.xero.com",
        "aud": "https://identity.xero.com/resources",
        "client_id": client_id,
        "sub": secrets.token_hex(16),
        "xero_userid": demo_id("user"),
        "global_session_id": secrets.token_hex(16),
        "jti": secrets.token_hex(16),
        "authentication_event_id": demo_id("sign-in"),
        "scope": scopes.split(),
    }
    parts = (b'{"alg":"RS256","kid":"1CAF8E66772D6DC028D6726FD0261581570EFC19","typ":"JWT"}',
             json.dumps(claims).encode(), secrets.token_bytes(256))  # fmt: skip
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)
