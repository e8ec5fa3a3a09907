"""The OAuth server beside the MCP server of the tests: the SDK's own, with everything kept in memory."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from mcp.server.auth.provider import (
    AccessToken,
    AuthorizationCode,
    AuthorizationParams,
    AuthorizeError,
    OAuthAuthorizationServerProvider,
    RefreshToken,
    construct_redirect_uri,
)
from mcp.shared.auth import OAuthClientInformationFull, OAuthToken


@dataclass
class Identity(OAuthAuthorizationServerProvider[AuthorizationCode, RefreshToken, AccessToken]):
    """Registers whoever asks, and agrees in the person's name unless told to refuse.

    Refresh tokens are used up by one refresh. `padding` makes tokens as long as some
    servers make them, `life` is the seconds access tokens are said to live.
    """

    refuse: bool = False
    life: int | None = 3600
    padding: int = 0
    registered: dict[str, OAuthClientInformationFull] = field(default_factory=dict)
    codes: dict[str, AuthorizationCode] = field(default_factory=dict)
    access: dict[str, AccessToken] = field(default_factory=dict)
    refresh: dict[str, RefreshToken] = field(default_factory=dict)
    refreshes: int = 0
    revoked: list[str] = field(default_factory=list)

    def expire(self) -> None:
        """End the life of all access tokens."""
        self.access.clear()

    def forget(self) -> None:
        """Forget all sign-ins."""
        self.access.clear()
        self.refresh.clear()

    def sign_in(self, resource: str) -> tuple[str, OAuthToken]:
        """Sign somebody in without the browser's part; returns the registration's id and the tokens."""
        client = OAuthClientInformationFull(client_id="desk", token_endpoint_auth_method="none", scope="clients")
        self.registered[client.client_id] = client
        return client.client_id, self._tokens(client, ["clients"], resource)

    async def get_client(self, client_id: str) -> OAuthClientInformationFull | None:
        """Return a registration."""
        return self.registered.get(client_id)

    async def register_client(self, client_info: OAuthClientInformationFull) -> None:
        """Register a program."""
        self.registered[client_info.client_id] = client_info

    async def authorize(self, client: OAuthClientInformationFull, params: AuthorizationParams) -> str:
        """Agree in the person's name."""
        if self.refuse:
            raise AuthorizeError("access_denied")
        code = AuthorizationCode(
            code=secrets.token_urlsafe(24),
            scopes=params.scopes or [],
            expires_at=9e12,
            client_id=client.client_id,
            code_challenge=params.code_challenge,
            redirect_uri=params.redirect_uri,
            redirect_uri_provided_explicitly=params.redirect_uri_provided_explicitly,
            resource=params.resource,
        )
        self.codes[code.code] = code
        return construct_redirect_uri(str(params.redirect_uri), code=code.code, state=params.state)

    async def load_authorization_code(
        self, client: OAuthClientInformationFull, authorization_code: str
    ) -> AuthorizationCode | None:
        """Return a code that was not used yet."""
        return self.codes.get(authorization_code)

    async def exchange_authorization_code(
        self, client: OAuthClientInformationFull, authorization_code: AuthorizationCode
    ) -> OAuthToken:
        """Use a code up."""
        del self.codes[authorization_code.code]
        return self._tokens(client, authorization_code.scopes, authorization_code.resource)

    async def load_refresh_token(self, client: OAuthClientInformationFull, refresh_token: str) -> RefreshToken | None:
        """Return a refresh token that was not used yet."""
        return self.refresh.get(refresh_token)

    async def exchange_refresh_token(
        self, client: OAuthClientInformationFull, refresh_token: RefreshToken, scopes: list[str]
    ) -> OAuthToken:
        """Use a refresh token up."""
        self.refreshes += 1
        del self.refresh[refresh_token.token]
        return self._tokens(client, scopes, refresh_token.resource)

    async def load_access_token(self, token: str) -> AccessToken | None:
        """Return a token that is alive."""
        return self.access.get(token)

    async def revoke_token(self, token: AccessToken | RefreshToken) -> None:
        """Take a token back, and all that came with it."""
        self.revoked.append(token.token)
        self.forget()

    def _tokens(self, client: OAuthClientInformationFull, scopes: list[str], resource: str | None) -> OAuthToken:
        access, refresh = (f"{kind}-{secrets.token_urlsafe(12)}" for kind in ("access", "refresh"))
        access += "x" * self.padding
        self.access[access] = AccessToken(
            token=access, client_id=client.client_id, scopes=scopes, resource=resource, subject="ada"
        )
        self.refresh[refresh] = RefreshToken(
            token=refresh, client_id=client.client_id, scopes=scopes, resource=resource, subject="ada"
        )
        return OAuthToken(access_token=access, refresh_token=refresh, expires_in=self.life, scope=" ".join(scopes))
