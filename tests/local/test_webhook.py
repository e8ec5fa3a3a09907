"""Webhooks and pings over real loopback HTTP."""

from __future__ import annotations

import socket

import pytest

from support.mail_server import HookServer, hooks
from xpmsync.local.net.channels import HookFailed, ping, post_json


def test_a_webhook_gets_json() -> None:
    """One POST with the object as it is."""
    with hooks(HookServer()) as server:
        post_json(f"{server.url}/services/T0/B0", {"text": "done", "counts": {"written": 3}})

    assert server.requests == [("POST", "/services/T0/B0", {"text": "done", "counts": {"written": 3}})]


def test_a_ping_says_how_it_went() -> None:
    """The address as it is after a good run, with /fail behind it after a bad one."""
    with hooks(HookServer()) as server:
        ping(f"{server.url}/uuid/", good=True)
        ping(f"{server.url}/uuid?rid=1", good=False)

    assert server.requests == [("GET", "/uuid", None), ("GET", "/uuid/fail?rid=1", None)]


@pytest.mark.parametrize("status", [302, 404, 500])
def test_other_answers_are_failures_that_name_the_host_only(status: int) -> None:
    """The address may be a secret, and a redirect is not followed to somewhere else."""
    with hooks(HookServer(status=status)) as server, pytest.raises(HookFailed) as raised:
        post_json(f"{server.url}/canary-secret", {})

    assert str(raised.value) == f"127.0.0.1 answered with HTTP status {status}"
    assert len(server.requests) == 1


def test_nobody_there_and_plain_http_elsewhere_are_failures() -> None:
    """A closed port; an address that would go over the network in plain text."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = int(taken.getsockname()[1])
    with pytest.raises(HookFailed) as closed:
        ping(f"http://127.0.0.1:{port}/canary-secret", good=True)
    with pytest.raises(HookFailed) as plain:
        ping("http://hc.example.com/canary-secret", good=True)

    assert str(closed.value) == "127.0.0.1: no connection"
    assert "https://" in str(plain.value)
    assert "canary" not in f"{closed.value} {plain.value}"


def test_a_host_that_does_not_exist_is_named() -> None:
    """By its name alone, for the rest of the address may be a secret."""
    with pytest.raises(HookFailed, match=r"^no server called hooks\.invalid was found") as raised:
        ping("https://hooks.invalid/canary", good=True)
    assert "canary" not in str(raised.value)
