"""What the sections hub, pages, access and servers set, on a bare Config, and as JupyterHub takes it."""

import json
import sys

import pytest
from jupyterhub.app import JupyterHub
from jupyterhub.scopes import _check_scopes_exist
from traitlets.config import Config

from jupyterhub_on_docker import traits
from jupyterhub_on_docker.config import Settings
from jupyterhub_on_docker.errors import SettingsError


@pytest.fixture
def apply(raw, secrets):
    """Applies the settings with some values of a section changed."""

    def applied(**sections):
        for section, values in sections.items():
            raw[section].update(values)
        c = Config()
        traits.apply(c, Settings.model_validate_json(json.dumps(raw)), secrets)
        return c

    return applied


IDLE = {"timeout": 3600, "maxAge": None, "checkInterval": 600, "users": False, "exceptions": []}

SERVICE = {
    "name": "report",
    "token": "hub_services_report_token",
    "scopes": ["list:users"],
    "url": None,
    "command": None,
    "environment": {},
    "secrets": {},
    "display": True,
    "oauthRedirectUri": None,
    "oauthNoConfirm": False,
}


def test_what_is_outside_of_the_base_url_goes_to_the_hub(apply):
    assert apply().Proxy.extra_routes == {"/": "http://hub:8081"}
    assert apply(hub={"baseUrl": "/"}).Proxy.extra_routes == {}


def test_where_people_have_names_of_their_own_no_route_is_without_a_name(apply):
    """JupyterHub would end at its start."""
    host = "http://hub.example.org"
    routes = apply(hub={"baseUrl": "/base/", "subdomainHost": host}).Proxy.extra_routes
    assert routes == {}


@pytest.mark.parametrize(("metrics", "authenticated"), [("token", True), ("public", False)])
def test_metrics(apply, metrics, authenticated):
    assert apply(hub={"metrics": metrics}).JupyterHub.authenticate_prometheus is authenticated


def test_no_pages_of_its_own(apply):
    c = apply()
    assert c.JupyterHub.template_vars == {}
    assert "logo_file" not in c.JupyterHub
    assert "template_paths" not in c.JupyterHub


def test_pages(apply):
    told = {"all": "<b>Hi</b>", "login": "in", "home": None, "spawn": None, "logout": "out"}
    c = apply(pages={"announcement": told, "logo": "/etc/logo.svg", "templates": "/etc/templates"})
    assert c.JupyterHub.template_vars == {
        "announcement": "<b>Hi</b>",
        "announcement_login": "in",
        "announcement_logout": "out",
    }
    assert (c.JupyterHub.logo_file, c.JupyterHub.template_paths) == ("/etc/logo.svg", ["/etc/templates"])


def test_servers(apply):
    values = {
        "shutdownOnLogout": True,
        "named": 2,
        "concurrentSpawnLimit": 7,
        "activeServerLimit": 30,
        "startTimeout": 90,
        "httpTimeout": 45,
        "lastActivityInterval": 60,
        "disableUserConfig": True,
    }
    c = apply(servers=values)
    hub = c.JupyterHub
    assert hub.shutdown_on_logout is True
    assert (hub.allow_named_servers, hub.named_server_limit_per_user) == (True, 2)
    assert (hub.concurrent_spawn_limit, hub.active_server_limit) == (7, 30)
    assert hub.last_activity_interval == 60
    assert (c.Spawner.start_timeout, c.Spawner.http_timeout) == (90, 45)
    assert c.Spawner.disable_user_config is True


def test_no_named_servers(apply):
    assert apply().JupyterHub.allow_named_servers is False


@pytest.mark.parametrize(("interval", "resolution"), [(300, 30), (5, 5)])
def test_activity_is_written_down_as_often_as_it_is_reported(apply, interval, resolution):
    c = apply(servers={"activityInterval": interval})
    assert c.Spawner.environment["JUPYTERHUB_ACTIVITY_INTERVAL"] == str(interval)
    assert c.JupyterHub.activity_resolution == resolution


def test_no_service_runs_without_need(apply):
    c = apply()
    assert (c.JupyterHub.services, c.JupyterHub.load_roles) == ([], [])


@pytest.mark.parametrize(
    ("idle", "scopes"),
    [
        ({}, {"list:users", "read:servers", "delete:servers", "read:users:activity"}),
        ({"users": True}, {"list:users", "read:servers", "delete:servers", "read:users", "delete:users"}),
        (
            {
                "exceptions": [
                    {"kind": "group", "name": "research", "timeout": None, "maxAge": None},
                    {"kind": "profile", "name": "gpu", "timeout": 60, "maxAge": None},
                ]
            },
            {
                "list:users",
                "read:servers",
                "delete:servers",
                "read:users:activity",
                "read:groups!group=research",
            },
        ),
    ],
)
def test_the_idle_culler_has_the_scopes_that_it_needs_and_no_more(apply, idle, scopes):
    c = apply(servers={"idle": IDLE | idle})
    (service,) = c.JupyterHub.services
    assert service == {
        "name": "idle-culler",
        "command": [
            sys.executable,
            "-m",
            "jupyterhub_on_docker.idle_culler",
            "/etc/jupyterhub/config.json",
        ],
        "display": False,
    }
    (role,) = c.JupyterHub.load_roles
    assert (role["services"], set(role["scopes"])) == (["idle-culler"], scopes)
    _check_scopes_exist(role["scopes"])


def test_a_service_has_a_token_and_a_role(apply, secrets_folder):
    (secrets_folder / "hub_services_report_token").write_text("t" * 32)
    c = apply(access={"services": [SERVICE]})
    assert c.JupyterHub.services == [
        {"name": "report", "api_token": "t" * 32, "display": True, "oauth_no_confirm": False}
    ]
    assert c.JupyterHub.load_roles == [
        {"name": "service-report", "scopes": ["list:users"], "services": ["report"]}
    ]


def test_a_service_with_all_that_it_may_have(apply, secrets_folder):
    (secrets_folder / "hub_services_report_token").write_text("t" * 32)
    (secrets_folder / "hub_services_report_secrets_api_key").write_text("k")
    values = {
        "url": "http://hub:9000",
        "command": ["python", "-m", "x"],
        "environment": {"A": "1"},
        "secrets": {"API_KEY": "hub_services_report_secrets_api_key"},
        "oauthRedirectUri": "https://x.example.org/cb",
        "oauthNoConfirm": True,
    }
    (service,) = apply(access={"services": [SERVICE | values]}).JupyterHub.services
    assert service == {
        "name": "report",
        "api_token": "t" * 32,
        "display": True,
        "oauth_no_confirm": True,
        "url": "http://hub:9000",
        "command": ["python", "-m", "x"],
        "environment": {"A": "1", "API_KEY": "k"},
        "oauth_redirect_uri": "https://x.example.org/cb",
    }


def test_a_service_without_its_token_is_an_error(apply):
    with pytest.raises(SettingsError, match="hub_services_report_token: secret cannot be read"):
        apply(access={"services": [SERVICE]})


def test_roles_leave_what_they_do_not_name(apply):
    """An own role `user` without scopes keeps those of JupyterHub."""
    lists = {"scopes": [], "users": [], "groups": [], "services": []}
    role = {"name": "user", "description": "", **lists, "groups": ["staff"]}
    c = apply(access={"roles": [role]})
    assert c.JupyterHub.load_roles == [{"name": "user", "groups": ["staff"]}]


def test_a_role_of_a_group_is_one_of_its_members_in_the_configuration(apply):
    role = {"name": "helper", "description": "", "scopes": ["list:users"], "services": []}
    role |= {"users": ["bob"], "groups": ["staff", "elsewhere"]}
    staff = {"members": ["carol", "bob", "alice"], "folder": "none", "limits": {}}
    c = apply(access={"roles": [role]}, groups={"staff": staff})
    (loaded,) = c.JupyterHub.load_roles
    assert loaded["users"] == ["bob", "alice", "carol"]
    assert loaded["groups"] == ["staff", "elsewhere"]


def test_jupyterhub_takes_all_of_it(apply):
    c = apply(servers={"idle": IDLE, "named": 1}, pages={"logo": "/etc/logo.svg"})
    hub = JupyterHub(config=c)
    assert hub.load_roles[0]["name"] == "service-idle-culler"
    assert hub.named_server_limit_per_user == 1
