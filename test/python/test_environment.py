"""Variables of the hub's process, and requests through the proxy that they name."""

import pytest

from jupyterhub_on_docker import environment, proxied
from jupyterhub_on_docker.config import Settings
from jupyterhub_on_docker.secrets import Secrets


def variables(raw, tmp_path, **hub):
    raw["hub"].update(hub)
    return environment.variables(Settings.model_validate(raw), Secrets(tmp_path))


def test_without_any_nothing_is_set(raw, tmp_path):
    assert variables(raw, tmp_path) == {}
    # And no proxy changes what others ask for.
    assert variables(raw, tmp_path, environment={"TZ": "UTC", "NO_PROXY": "x"}) == {
        "TZ": "UTC",
        "NO_PROXY": "x",
    }


def test_what_is_of_the_stack_is_asked_of_no_proxy(raw, tmp_path):
    (tmp_path / "proxy").write_text("http://hub:password@proxy.example.org:3128\n")
    found = variables(
        raw,
        tmp_path,
        environment={"NO_PROXY": ".example.org, 10.0.0.0/8"},
        secretEnvironment={"HTTPS_PROXY": "proxy"},
    )
    assert found["HTTPS_PROXY"] == found["https_proxy"] == "http://hub:password@proxy.example.org:3128"
    direct = found["NO_PROXY"].split(",")
    assert found["no_proxy"] == found["NO_PROXY"]
    assert direct[:5] == [".example.org", "10.0.0.0/8", "localhost", "127.0.0.1", "::1"]
    assert {"hub", "docker-filter", "proxy-api"} <= set(direct)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://github.com/login/oauth/access_token", "http://proxy:3128"),
        ("https://user@github.com:8443/", "http://proxy:3128"),
        ("http://proxy-api:8099/api", None),
        ("https://idp.example.org/", None),
        ("https://idp.example.org:8443/", None),
        ("http://github.com/", None),
    ],
)
def test_which_addresses_have_a_proxy(monkeypatch, url, expected):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("https_proxy", "http://proxy:3128")
    monkeypatch.setenv("no_proxy", ".example.org,proxy-api")
    assert proxied.proxy_of(url) == expected
