"""XPM, its gateway and its identity server on a loopback port.

In this process it costs a few milliseconds to start and stop; `simulator serve`
keeps one running for people and tests, which another process drives by
`/_practice/faults`, `/_practice/requests` and `/_practice/edit`. It prints nothing.
"""

import json
import threading
from collections.abc import Mapping
from dataclasses import asdict, replace
from types import TracebackType
from typing import Final, Self
from uuid import uuid4

from xpmsync.errors import UsageError, XpmsyncError
from xpmsync.local.system.clock import ReadTime
from xpmsync.simulator.server import identity_api, messages
from xpmsync.simulator.server.api import answer_api
from xpmsync.simulator.server.faults import Fault, Faults, after, before
from xpmsync.simulator.server.http_server import HttpServer
from xpmsync.simulator.server.identity import ALL_SCOPES, Consent, Identity, RegisteredApp, Tenant
from xpmsync.simulator.server.rate_limits import Meter, RateLimits
from xpmsync.simulator.world.records import demo_id
from xpmsync.simulator.world.world import World


def answer_control(
    request: messages.Request, faults: Faults, log: messages.RequestLog, edit: messages.Editor | None
) -> messages.ServerResponse:
    """Answer a control request in JSON; what cannot be understood is a 400 with the reason."""
    try:
        match request.method, request.path.removeprefix(messages.CONTROL_PATH):
            case "POST", "faults":
                faults.add(*(fault_from_json(described) for described in _objects(request.body)))
                return _json(len(faults.waiting()))
            case "GET", "faults":
                return _json([_fault_json(fault) for fault in faults.waiting()])
            case "DELETE", "faults":
                faults.clear()
                return _json(0)
            case "GET", "requests":
                return _json([{**asdict(seen), "at": seen.at.isoformat()} for seen in log.all()])
            case "DELETE", "requests":
                log.clear()
                return _json(0)
            case "POST", "edit" if edit is not None:
                wanted = {name: str(value) for name, value in _objects(request.body)[0].items()}
                return _json(dict(edit(wanted["system"], wanted["client"], wanted["field"], wanted["value"])))
            case _:
                return _json({"error": "no such control"}, 404)
    except (ValueError, KeyError, XpmsyncError) as error:
        return _json({"error": str(error)}, 400)


def fault_from_json(described: Mapping[str, object]) -> Fault:
    """Make a fault from its JSON form; raises `UsageError` for names or values that no fault has."""
    texts = {"kind": "", "path": "", "method": "", "message": "An unexpected error occurred"}
    numbers: dict[str, float | None] = {"times": 1, "skip": 0, "size": 0, "seconds": 0.0, "retry_after": None}
    for name, value in described.items():
        if name in texts and isinstance(value, str):
            texts[name] = value
        elif name in numbers and isinstance(value, int | float):
            numbers[name] = value
        else:
            raise UsageError(f"a fault's {name!r} cannot be {value!r}", ", ".join([*texts, *numbers]))
    retry_after = numbers["retry_after"]
    return Fault(
        texts["kind"],
        path=texts["path"],
        method=texts["method"],
        message=texts["message"],
        times=int(numbers["times"] or 0),
        skip=int(numbers["skip"] or 0),
        size=int(numbers["size"] or 0),
        seconds=numbers["seconds"] or 0.0,
        retry_after=None if retry_after is None else int(retry_after),
    )


def _fault_json(fault: Fault) -> dict[str, str | int]:
    return {"kind": str(fault.kind), "path": fault.path, "method": fault.method, "times": fault.times}


def _objects(body: bytes) -> list[dict[str, object]]:
    """The JSON object in the body, or each of a list of them."""
    decoded: object = json.loads(body)
    objects = [each for each in (decoded if isinstance(decoded, list) else [decoded]) if isinstance(each, dict)]
    if not objects:
        raise UsageError("a JSON object, or a list of them, is wanted")
    return objects


def _json(value: object, status: int = 200) -> messages.ServerResponse:
    return messages.ServerResponse(status, json.dumps(value).encode(), messages.JSON)


PKCE_APP: Final = RegisteredApp("BUILTINPKCEAPP00000000000000000A")
WEB_APP: Final = RegisteredApp("BUILTINWEBAPP000000000000000000B", "built-in-practice-is-no-secret")
DEMO_APPS: Final = (PKCE_APP, WEB_APP)

DEMO_TENANT: Final = Tenant(demo_id("tenant"), demo_id("connection"), "Harbour & Hills Accounting (built-in)")
DEMO_TENANTS: Final = (
    Tenant(demo_id("books"), demo_id("books-connection"), "Harbour & Hills own books", "ORGANISATION"),
    DEMO_TENANT,
)


class SimulatorServer:
    """The built-in practice over HTTP, as a context manager; `url` is its address.

    `static_token` is an access token that always works, with `static_scopes`.
    `consent` answers the consent screen and may be changed at any time, as may
    `faults`. `limits` are not enforced unless given. `editor` serves
    `POST /_practice/edit`. The world stays the caller's to close.

    Raises `StateUnusable` when the port is taken.
    """

    def __init__(
        self,
        world: World,
        *,
        port: int = 0,
        faults: Faults | None = None,
        limits: RateLimits = RateLimits(enforced=False),  # noqa: B008 - frozen
        static_token: str = "",
        static_scopes: str = ALL_SCOPES,
        consent: Consent = Consent.GRANT,
        apps: tuple[RegisteredApp, ...] = DEMO_APPS,
        tenants: tuple[Tenant, ...] = DEMO_TENANTS,
        editor: messages.Editor | None = None,
        clock: ReadTime | None = None,
    ) -> None:
        self.world = world
        self.faults = faults or Faults()
        self.consent = consent
        self.clock = clock or world.clock
        self.requests = messages.RequestLog()
        self.identity = Identity(world.database, self.clock, apps, tenants)
        self.meter = Meter(limits, self.clock)
        self._static = (static_token, frozenset(static_scopes.split()))
        self._editor = editor
        self._http = HttpServer(self._answer, port, self.clock)
        self._thread = threading.Thread(target=self._http.run, name="practice", daemon=True)

    @property
    def url(self) -> str:
        """The server's address, without a slash at its end."""
        return f"http://127.0.0.1:{self._http.server_port}"

    @property
    def api_url(self) -> str:
        """The API's base address, with a slash at its end."""
        return f"{self.url}{messages.API_PATH}"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        if error is None and self._http.failures:
            raise self._http.failures[0]

    def start(self) -> None:
        """Begin to answer, in threads of its own."""
        self._thread.start()

    def wait(self, seconds: float | None = None) -> None:
        """Block until the server is stopped (by another thread), or for that long."""
        self._thread.join(seconds)

    def stop(self) -> None:
        """Stop answering and close every connection; what was being answered breaks off."""
        self._http.stop(started=self._thread.ident is not None)
        self._thread.join()

    def _answer(self, request: messages.Request) -> messages.ServerResponse:
        if request.path.startswith(messages.CONTROL_PATH):
            return answer_control(request, self.faults, self.requests, self._editor)
        headers = {name: value for name, value in request.headers.items() if name != "authorization"}
        self.requests.add(
            messages.SeenRequest(
                request.method,
                request.path,
                dict(request.query),
                headers,
                request.body.decode("utf-8", "replace"),
                self.clock(),
            )
        )
        if not request.path.startswith(messages.API_PATH):
            return self._through_faults(request)
        answer = self._through_faults(request)
        headers = {**self.meter.headers(), "xero-correlation-id": str(uuid4()), **answer.headers}
        return replace(answer, headers=headers)

    def _through_faults(self, request: messages.Request) -> messages.ServerResponse:
        fault = self.faults.take(request)
        if fault is None:
            return self._carry_out(request)
        return before(fault) or after(fault, self._carry_out(request))

    def _carry_out(self, request: messages.Request) -> messages.ServerResponse:
        if request.path in identity_api.IDENTITY_PATHS:
            return identity_api.answer_identity(request, self.identity, self.consent)
        scopes = self._scopes(request)
        if scopes is None:
            return messages.gateway_error(401, "AuthenticationUnsuccessful")
        if request.path.startswith(identity_api.CONNECTIONS_PATH):
            return identity_api.answer_connections(request, self.identity)
        if not request.path.startswith(messages.API_PATH):
            return messages.gateway_error(404, "ResourceNotFound")
        tenant = request.headers.get("xero-tenant-id", "").lower()
        if tenant not in {each.tenant_id for each in self.identity.connected()}:
            return messages.gateway_error(403, "AuthenticationUnsuccessful")
        refusal = self.meter.enter()
        if refusal is not None:
            return refusal
        try:
            return replace(answer_api(request, self.world, scopes), finished=self.meter.leave)
        except BaseException:
            self.meter.leave()
            raise

    def _scopes(self, request: messages.Request) -> frozenset[str] | None:
        """What the caller's access token allows, or None without a good one."""
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        if kind.lower() != "bearer" or not token:
            return None
        static, scopes = self._static
        return scopes if static and token == static else self.identity.scopes(token)
