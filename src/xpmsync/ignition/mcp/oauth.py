"""Signing in to the hosted service: the SDK discovers the server's OAuth, registers this program and proves itself.

The SDK's provider is used for this only. It renews no stored token after a
restart and knows nothing of other processes, so `StoredSignIn` does that.
"""

import queue
from collections.abc import Callable
from concurrent.futures import Future
from datetime import timedelta
from typing import Final
from urllib.parse import parse_qs, urljoin, urlsplit

import anyio
import httpx2
from anyio.from_thread import BlockingPortal
from mcp.client.auth import OAuthClientProvider, OAuthFlowError, OAuthRegistrationError, OAuthTokenError
from mcp.shared.auth import AuthorizationCodeResult, OAuthClientInformationFull, OAuthClientMetadata, OAuthToken
from mcp_types import LATEST_PROTOCOL_VERSION
from pydantic import AnyUrl

from xpmsync import __version__
from xpmsync.core.enums import System
from xpmsync.errors import AccessRefused, Unreachable, UnusableAnswer, XpmsyncError
from xpmsync.ignition.mcp.connection import run_in_loop, trust
from xpmsync.local.net.oauth_loopback import Callback
from xpmsync.local.net.stored_sign_in import OAuthClient, SignIn, Tokens
from xpmsync.local.settings.keys import LOOPBACK
from xpmsync.local.system.clock import Clock

Ask = Callable[[str, str], Callback]
"""Sends the person to an address and returns what came back for the state that is given with it."""

_SLICE: Final = 0.2
_TIMEOUT: Final = httpx2.Timeout(connect=10.0, read=30.0, write=30.0, pool=10.0)
_LONGEST_LIFE: Final = 366 * 86_400
_REFUSALS: Final = frozenset({"access_denied", "invalid_scope", "unauthorized_client"})


def sign_in(url: str, redirect_uri: str, ask: Ask, clock: Clock) -> SignIn:
    """Sign a person in to the server at `url`; `ask` is called in this thread, the rest runs beside it.

    Raises what `ask` raises, `AccessRefused` where the person or the server says
    no, `Unreachable`, and `UnusableAnswer` for a server whose OAuth cannot be used.
    """
    flow = _Flow(url, redirect_uri, clock)
    return run_in_loop(lambda portal: flow.run(portal, ask))


class _Flow:
    """One sign-in: the flow on the loop, the person in the calling thread, and what passes between them."""

    def __init__(self, url: str, redirect_uri: str, clock: Clock) -> None:
        self._url = url
        self._plain = not url.lower().startswith("https://")
        self._redirect_uri = redirect_uri
        self._clock = clock
        self._pages: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._answer: Callback | None = None
        self._answered: anyio.Event | None = None
        self._state = ""
        self._refused = ""

    def run(self, portal: BlockingPortal, ask: Ask) -> SignIn:
        flow = portal.start_task_soon(self._signed_in)
        try:
            while not flow.done():
                try:
                    page = self._pages.get(timeout=_SLICE)
                except queue.Empty:
                    continue
                self._state = _state_of(page)
                self._answer = ask(page, self._state)
                portal.call(self._wake)
            return self._result(flow)
        except BaseException:
            flow.cancel()
            raise

    def _result(self, flow: Future[SignIn]) -> SignIn:
        problem = flow.exception()
        if problem is None:
            return flow.result()
        raise self._explained(problem) from None

    def _explained(self, problem: BaseException) -> BaseException:
        """What ended the flow; the SDK's own words quote answers, so they are not kept."""
        if isinstance(problem, XpmsyncError):
            return problem
        if self._refused:
            return AccessRefused(System.IGNITION, self._refused if self._refused in _REFUSALS else "refused")
        if isinstance(problem, OAuthRegistrationError):
            return UnusableAnswer(System.IGNITION, "the registration of xpmsync", "a refusal")
        if isinstance(problem, OAuthTokenError):
            return UnusableAnswer(System.IGNITION, "the sign-in", "no token")
        if isinstance(problem, OAuthFlowError):
            return UnusableAnswer(System.IGNITION, "the sign-in", "something that breaks OAuth's own rules")
        if isinstance(problem, httpx2.TransportError):
            return Unreachable(System.IGNITION, self._url, "no connection, or it broke off")
        return problem

    async def _signed_in(self) -> SignIn:
        self._answered = anyio.Event()
        memory = _Memory()
        provider = OAuthClientProvider(
            self._url,
            OAuthClientMetadata(
                client_name="xpmsync",
                software_id="xpmsync",
                software_version=__version__,
                redirect_uris=[AnyUrl(self._redirect_uri)],
                token_endpoint_auth_method="none",  # noqa: S106 - the method's name: a program on a desk keeps no secret
            ),
            memory,
            redirect_handler=self._show,
            callback_handler=self._wait,
        )
        async with (
            httpx2.AsyncClient(
                auth=provider,
                verify=trust(plain=self._plain),
                trust_env=not self._plain,
                timeout=_TIMEOUT,
                headers={"User-Agent": f"xpmsync/{__version__}", "MCP-Protocol-Version": LATEST_PROTOCOL_VERSION},
                event_hooks={"request": [self._check]},
            ) as http,
            # Any request would do: it is refused, which starts the sign-in, and sent again with the token.
            http.stream("POST", self._url, json={"jsonrpc": "2.0", "id": 0, "method": "ping"}) as answer,
        ):
            status = answer.status_code
        if memory.tokens is None or memory.client is None:
            raise UnusableAnswer(System.IGNITION, "the sign-in", "no request to sign in", status)
        return self._made(provider, memory.tokens, memory.client)

    def _made(self, provider: OAuthClientProvider, tokens: OAuthToken, client: OAuthClientInformationFull) -> SignIn:
        context = provider.context
        metadata = context.oauth_metadata
        token_url = str(metadata.token_endpoint) if metadata else urljoin(self._url, "/token")
        revoke_url = str(metadata.revocation_endpoint) if metadata and metadata.revocation_endpoint else ""
        bound = context.should_include_resource_param(LATEST_PROTOCOL_VERSION)
        life = tokens.expires_in or 0
        now = self._clock.now()
        return SignIn(
            Tokens(
                tokens.access_token,
                tokens.refresh_token or "",
                now + timedelta(seconds=life) if 0 < life <= _LONGEST_LIFE else None,
                tuple((tokens.scope or "").split()),
            ),
            OAuthClient(client.client_id, client.client_secret or "", client.token_endpoint_auth_method or "none"),
            now,
            token_url=self._safe(token_url),
            revoke_url=self._safe(revoke_url) if revoke_url else "",
            resource=context.get_resource_url() if bound else "",
            hosts=(urlsplit(self._url).netloc,),
        )

    async def _show(self, page: str) -> None:
        self._pages.put(self._safe(page))

    async def _wait(self) -> AuthorizationCodeResult:
        assert self._answered is not None  # noqa: S101 - made before the flow could come here
        await self._answered.wait()
        answer = self._answer or Callback()
        if answer.error or not answer.code:
            self._refused = answer.error or "refused"
            raise OAuthFlowError("refused")
        return AuthorizationCodeResult(code=answer.code, state=self._state, iss=answer.issuer or None)

    def _wake(self) -> None:
        if self._answered is not None:
            self._answered.set()

    async def _check(self, request: httpx2.Request) -> None:
        self._safe(str(request.url))

    def _safe(self, url: str) -> str:
        """An address the server named; over plain http only where the server itself is on this machine."""
        parts = urlsplit(url)
        if parts.scheme == "https" or (parts.scheme == "http" and self._plain and parts.hostname in LOOPBACK):
            return url
        raise UnusableAnswer(System.IGNITION, "the sign-in", f"an address that is not https ({parts.hostname})")


class _Memory:
    """Where the SDK keeps what it got, until we take it."""

    def __init__(self) -> None:
        self.tokens: OAuthToken | None = None
        self.client: OAuthClientInformationFull | None = None

    async def get_tokens(self) -> OAuthToken | None:
        return self.tokens

    async def set_tokens(self, tokens: OAuthToken) -> None:
        self.tokens = tokens

    async def get_client_info(self) -> OAuthClientInformationFull | None:
        return self.client

    async def set_client_info(self, client_info: OAuthClientInformationFull) -> None:
        self.client = client_info


def _state_of(page: str) -> str:
    return parse_qs(urlsplit(page).query).get("state", [""])[0]
