"""Names that come to a real hub by its lists and by its API."""

import pytest

from helpers.hub import RunningHub

ADMIN = "admin-password-of-32-characters!!"

UNKNOWN = "a\ufdd0"
"""A name with what is no letter yet, as those of a later Unicode than Python's are."""


@pytest.fixture
def hub(raw, secrets_folder, tmp_path):
    raw["auth"] = {**raw["auth"], "users": ["alice", UNKNOWN], "admins": ["root", f"{UNKNOWN}b"]}
    raw["groups"] = {"lab": {"members": ["alice", UNKNOWN], "folder": "none", "limits": {}}}
    with RunningHub(tmp_path / "hub", raw, secrets_folder) as running:
        yield running


def test_names(hub):
    lines = [line for line in hub.log.splitlines() if "in all lists" in line]
    assert [line.count("a character that Unicode does not define (U+FDD0)") for line in lines] == [1, 1]
    assert "Traceback" not in hub.log

    root = hub.visitor()
    assert root.log_in("root", ADMIN).status_code == 302
    made = root.post("hub/api/users/root/tokens", headers={"X-XSRFToken": root.xsrf}, json={})
    headers = {"Authorization": f"token {made.json()['token']}"}
    api = hub.visitor()

    def ask(method, path, body=None):
        return api.request(method, f"hub/api/{path}", headers=headers, json=body).status_code

    assert {user["name"] for user in api.get("hub/api/users", headers=headers).json()} == {"root", "alice"}
    for name in ("Bob", "A%CC%81b", "%C4%B0x", "x%60y"):
        assert ask("POST", f"users/{name}") == 400, name
    assert ask("POST", "users/bob") == 201
    for name in ("g%0Ax", "Gr%00p", "x%E2%80%AEy", "A%CC%81"):
        assert ask("POST", f"groups/{name}", {}) == 400, name
    for names in (["fine", "a\nb"], [7], "ab"):
        assert ask("POST", "groups", {"groups": names}) == 400, names
    assert ask("POST", "groups/Chem%20Lab", {}) == 201
    assert ask("POST", "groups", {"groups": ["fine"]}) == 201
    assert ask("GET", "groups/fine") == 200
