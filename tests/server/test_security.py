"""Every route that the server has of us, with each way to come in."""

from __future__ import annotations

import hashlib
import inspect
import json
import re

import pytest
from jupyter_server.auth import Authorizer, IdentityProvider, User
from jupyter_server.base.handlers import APIHandler, JupyterHandler
from page import rest
from tornado.httpclient import HTTPClientError
from tornado.web import RequestHandler
from tornado.websocket import WebSocketHandler

RUN_ID = "0" * 32


class ReadOnly(Authorizer):
    """Everybody may look, nobody may execute."""

    def is_authorized(self, handler, user, action, resource):
        return action == "read"


class ByHeader(IdentityProvider):
    """Believe what a request says of its user."""

    def get_user(self, handler):
        name = handler.request.headers.get("X-User")
        return User(name) if name else None


def routes(web_app):
    """List our routes as (path below the base URL, handler, method)."""
    found = []
    for rule in [rule for group in web_app.default_router.rules for rule in getattr(group.target, "rules", [])]:
        pattern = getattr(rule.matcher, "regex", re.compile("")).pattern
        if "jupyter-oci/" in pattern:
            path = re.sub(r"\(\?P<run_id>[^)]*\)", RUN_ID, pattern[pattern.index("jupyter-oci/") :]).rstrip("$")
            for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
                if getattr(rule.target, method.lower()) is not RequestHandler._unimplemented_method:
                    found.append((path, rule.target, method))
    return found


async def refused_upgrade(fetch, headers):
    """Ask for a socket by hand (tornado's client leaves a refused one unclosed); give the status of the refusal."""
    upgrade = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "AAAA"}
    with pytest.raises(HTTPClientError) as refused:
        await fetch("jupyter-oci", "runs", RUN_ID, "events", headers={**upgrade, **headers})
    return refused.value.code


async def statuses(web_app, fetch, **options):
    """Try every route; give the statuses by method and path."""
    found = {}
    for path, _, method in routes(web_app):
        body = "{}" if method in ("POST", "PUT", "PATCH") else None
        try:
            answer = await fetch(*path.split("/"), method=method, body=body, params={"path": "nb.ipynb"}, **options)
            found[method, path] = answer.code
        except HTTPClientError as error:
            found[method, path] = error.code
    return found


def test_all_routes_of_the_documentation_are_registered(jp_web_app, request):
    documented = (request.config.rootpath / "docs" / "api.md").read_text()
    wanted = {
        (method, f"jupyter-oci/{path}".replace("<id>", RUN_ID))
        for method, path in re.findall(r"^\| `(GET|POST|PUT|DELETE) ([\w/<>-]+)", documented, re.MULTILINE)
    }
    assert wanted == {(method, path) for path, _, method in routes(jp_web_app)}


def test_every_route_is_of_jupyters_kind_and_decorated(jp_web_app):
    assert jp_web_app._check_handler_auth
    for path, handler, method in routes(jp_web_app):
        assert issubclass(handler, JupyterHandler), path
        assert issubclass(handler, (APIHandler, WebSocketHandler)), path
        assert not jp_web_app._check_handler_auth(path, handler), path
        assert inspect.iscoroutinefunction(inspect.unwrap(getattr(handler, method.lower()))), path


async def test_nobody_gets_in_without_a_token(jp_web_app, jp_fetch):
    found = await statuses(jp_web_app, jp_fetch, headers={"Authorization": "token wrong"})
    assert set(found.values()) == {403}


class TestReadOnly:
    """With an authorizer that lets users look only."""

    @pytest.fixture
    def jp_server_config(self, jp_server_config):
        jp_server_config["ServerApp"]["authorizer_class"] = ReadOnly
        return jp_server_config

    async def test_nobody_gets_in_who_may_not_execute(self, jp_web_app, jp_fetch):
        found = await statuses(jp_web_app, jp_fetch)
        assert set(found.values()) == {403}

    async def test_nobody_follows_who_may_not_execute(self, jp_fetch):
        assert await refused_upgrade(jp_fetch, {}) == 403


@pytest.fixture
def cookies(jp_fetch, jp_asyncio_loop, jp_http_port):
    """Log in as a browser does; give headers with its cookies and no token."""
    host = {"Host": f"localhost:{jp_http_port}"}
    first = jp_asyncio_loop.run_until_complete(jp_fetch("api", "status", headers=dict(host)))
    pairs = [cookie.split(";")[0] for cookie in first.headers.get_list("Set-Cookie")]
    return {**host, "Cookie": "; ".join(pairs), "Authorization": ""}


async def test_a_cookie_alone_changes_nothing_without_its_xsrf_token(jp_web_app, jp_fetch, cookies):
    assert (await jp_fetch("jupyter-oci", "settings", headers=dict(cookies))).code == 200
    found = await statuses(jp_web_app, jp_fetch, headers=cookies)
    assert {status for (method, _), status in found.items() if method != "GET"} == {403}


async def test_another_site_can_not_use_the_cookie(jp_web_app, jp_fetch, cookies):
    found = await statuses(jp_web_app, jp_fetch, headers={**cookies, "Origin": "http://evil.example"})
    del found["GET", f"jupyter-oci/runs/{RUN_ID}/events"]  # has a test of its own, below
    assert set(found.values()) <= {403, 404}


@pytest.mark.parametrize("origin", ["http://evil.example", "null"])
async def test_another_site_can_not_follow_a_run(jp_fetch, jp_ws_fetch, cookies, origin):
    own = await jp_ws_fetch("jupyter-oci", "runs", RUN_ID, "events", headers=dict(cookies))
    assert await rest(own) == []
    assert own.close_code == 4404
    assert await refused_upgrade(jp_fetch, {**cookies, "Origin": origin}) == 403


async def test_a_socket_needs_a_token(jp_fetch):
    assert await refused_upgrade(jp_fetch, {"Authorization": "token wrong"}) == 403


async def test_a_name_that_was_bound_to_this_machine_later_is_refused(jp_web_app, jp_fetch):
    found = await statuses(jp_web_app, jp_fetch, headers={"Host": "evil.example"})
    assert set(found.values()) == {403}


async def test_an_unknown_run_closes_the_socket_with_its_own_code(jp_ws_fetch):
    socket = await jp_ws_fetch("jupyter-oci", "runs", RUN_ID, "events")
    assert await rest(socket) == []
    assert socket.close_code == 4404


class TestUsers:
    """With an identity provider that knows several users."""

    @pytest.fixture
    def jp_server_config(self, jp_server_config):
        jp_server_config["ServerApp"]["identity_provider_class"] = ByHeader
        jp_server_config["ServerApp"]["disable_check_xsrf"] = True  # scripts without cookies, as far as it goes
        return jp_server_config

    @pytest.fixture
    def jp_auth_header(self, jp_serverapp):
        return {"X-User": "alice", "Authorization": "token of no use"}

    async def test_another_users_run_is_unknown(self, page, jp_web_app, jp_fetch, jp_ws_fetch):
        run_id = await page.ask(mode="ask")
        request = await page.until(run_id, "approval_requested")
        approval = {key: request[key] for key in ("approval_id", "source", "sha256")}
        bodies = {"approve": {**approval, "decision": "run"}, "edited": {"cell_id": "a", "source": ""}}
        bob = {"X-User": "bob"}
        for action in ("approve", "stop", "no-limit", "edited", "settled"):
            body = json.dumps(bodies.get(action, {}))
            with pytest.raises(HTTPClientError) as refused:
                await jp_fetch("jupyter-oci", "runs", run_id, action, method="POST", body=body, headers=dict(bob))
            assert refused.value.code == 404
        with pytest.raises(HTTPClientError) as refused:
            await jp_fetch("jupyter-oci", "runs", run_id, headers=dict(bob))
        assert refused.value.code == 404
        listed = await jp_fetch("jupyter-oci", "runs", params={"path": page.path}, headers=dict(bob))
        assert json.loads(listed.body)["runs"] == []
        socket = await jp_ws_fetch("jupyter-oci", "runs", run_id, "events", headers=dict(bob))
        assert await rest(socket) == []
        assert socket.close_code == 4404
        await page.approve(run_id, request)
        assert (await page.events(run_id))[-1]["status"] == "done"

    async def test_another_user_has_a_mode_of_their_own(self, page, jp_fetch):
        await page.post("notebook", method="PUT", path=page.path, mode="suggest")
        seen = await jp_fetch("jupyter-oci", "notebook", params={"path": page.path}, headers={"X-User": "bob"})
        assert json.loads(seen.body)["mode"] == "auto"


async def test_secrets_and_prompts_stay_out_of_the_log(page, jp_serverapp, caplog):
    caplog.set_level("INFO")
    caplog.handler.setLevel("INFO")
    await page.events(await page.ask("hunter2-in-the-prompt"))
    assert "hunter2" not in caplog.text
    assert hashlib.sha256(b"").hexdigest() not in caplog.text
