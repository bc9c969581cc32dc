"""What the settings set, on a bare Config: no hub, no Docker."""

import json
import logging
from importlib import import_module

import pytest
from jupyterhub.app import JupyterHub
from jupyterhub.auth import Authenticator
from jupyterhub.authenticators.shared import SharedPasswordAuthenticator
from jupyterhub.crypto import CryptKeeper
from jupyterhub.proxy import Proxy
from jupyterhub.spawner import Spawner
from jupyterhub_traefik_proxy.fileprovider import TraefikFileProviderProxy
from jupyterhub_traefik_proxy.proxy import TraefikProxy
from traitlets.config import Config

from jupyterhub_on_docker import traits
from jupyterhub_on_docker.config import Settings
from jupyterhub_on_docker.database import connection
from jupyterhub_on_docker.errors import SettingsError
from jupyterhub_on_docker.spawners.docker import OwnedHomeDockerSpawner

CLASSES = {
    "Authenticator": Authenticator,
    "CryptKeeper": CryptKeeper,
    # The traits of DockerSpawner are set on it, those of the class below it on that.
    "DockerSpawner": OwnedHomeDockerSpawner,
    "JupyterHub": JupyterHub,
    "Proxy": Proxy,
    "OwnedHomeDockerSpawner": OwnedHomeDockerSpawner,
    "SharedPasswordAuthenticator": SharedPasswordAuthenticator,
    "Spawner": Spawner,
    "TraefikFileProviderProxy": TraefikFileProviderProxy,
    "TraefikProxy": TraefikProxy,
}


@pytest.fixture
def c(settings, secrets):
    config = Config()
    traits.apply(config, settings, secrets)
    return config


def test_every_trait_exists_and_can_be_configured(c):
    """A misspelt trait would do nothing, and be silent about it."""
    unknown = [
        f"{section}.{name}"
        for section, values in c.items()
        for name in values
        if name not in CLASSES[section].class_traits(config=True)
    ]
    assert unknown == []


def test_named_classes_can_be_imported(c):
    for name in (c.JupyterHub.proxy_class, c.JupyterHub.spawner_class):
        module, _, attribute = name.rpartition(".")
        assert hasattr(import_module(module), attribute)


def test_hub(c):
    assert c.JupyterHub.public_url == "https://hub.example.org/base/"
    assert c.JupyterHub.base_url == "/base/"
    assert c.JupyterHub.log_level == "INFO"
    assert c.JupyterHub.tornado_settings == {"cookie_options": {"secure": True}}
    assert c.JupyterHub.hub_bind_url == "http://0.0.0.0:8081"
    assert c.JupyterHub.hub_connect_url == "http://hub:8081"
    assert c.JupyterHub.cleanup_servers is False
    assert c.JupyterHub.cookie_secret == bytes([0x0C] * 32)
    assert c.CryptKeeper["keys"] == [bytes([0x1D] * 32)]


def test_people_have_names_of_their_own_where_that_is_asked_for(c, raw, secrets):
    assert "subdomain_host" not in c.JupyterHub
    raw["hub"]["subdomainHost"] = "https://hub.example.org:8443"
    own = Config()
    traits.apply(own, Settings.model_validate_json(json.dumps(raw)), secrets)
    assert own.JupyterHub.subdomain_host == "https://hub.example.org:8443"
    # A server may set cookies for the names above its own: the hub's carry a prefix that it can't give them.
    assert own.JupyterHub.cookie_host_prefix_enabled is True


def test_proxy_runs_by_itself(c):
    proxy = c.TraefikFileProviderProxy
    assert proxy.should_start is False
    assert proxy.traefik_api_url == "http://proxy-api:8099"
    assert (proxy.traefik_api_username, proxy.traefik_api_password) == ("hub", "proxy-password")
    assert proxy.traefik_entrypoint == "websecure"
    # The stack gives Traefik its API, and the hub nothing but routes.
    assert c.TraefikProxy.enable_setup_dynamic_config is False
    assert proxy.dynamic_config_file == "/srv/proxy/routes.json"


def test_database_is_upgraded_with_a_backup(c):
    # The backup's code takes what follows `sqlite:///` for the file.
    assert c.JupyterHub.db_url.split(":///", 1)[1] == "/srv/jupyterhub/jupyterhub.sqlite"
    assert c.JupyterHub.upgrade_db is True


def test_servers_are_hardened_and_limited(c):
    assert c.DockerSpawner.extra_host_config == {
        "cap_drop": ["ALL"],
        "security_opt": ["no-new-privileges:true"],
        "init": True,
        "auto_remove": False,
        "log_config": {"Type": "json-file", "Config": {"max-size": "10m", "max-file": "2"}},
    }
    assert c.DockerSpawner.extra_create_kwargs == {
        "user": "1000:100",
        "labels": {
            "org.jupyterhub.stack": "jh",
            "org.jupyterhub.role": "user",
            "org.jupyterhub.user": "{raw_username}",
        },
    }


def test_another_owner_has_a_home_in_the_environment(raw, secrets):
    """Images have a name and a home for uid 1000 only."""
    raw["storage"]["uid"], raw["storage"]["gid"] = 2000, 2001
    raw["spawner"]["environment"] = {"USER": "me"}
    c = Config()
    traits.apply(c, Settings.model_validate_json(json.dumps(raw)), secrets)
    assert c.DockerSpawner.extra_create_kwargs["user"] == "2000:2001"
    wanted = {"HOME": "/home/jovyan", "USER": "me", "LOGNAME": "jovyan"}
    assert c.Spawner.environment.items() >= wanted.items()


def test_jupyterlab_finds_its_settings_where_they_are_kept_apart(raw, secrets):
    raw["storage"]["labSettings"] = {"volume": "jh-settings-{username}", "mountPath": "/settings"}
    c = Config()
    traits.apply(c, Settings.model_validate_json(json.dumps(raw)), secrets)
    assert c.Spawner.environment["JUPYTERLAB_SETTINGS_DIR"] == "/settings/user-settings"
    assert c.Spawner.environment["JUPYTERLAB_WORKSPACES_DIR"] == "/settings/workspaces"


def test_servers(c):
    spawner = c.DockerSpawner
    assert spawner.client_kwargs == {"base_url": "tcp://docker-filter:2375"}
    assert (spawner.image, spawner.network_name) == ("sha256:1234", "jh-notebooks")
    assert (spawner.pull_policy, spawner.remove, spawner.use_internal_ip) == ("never", True, True)
    assert spawner.prefix == "jh-user"
    assert c.Spawner.notebook_dir == "/home/jovyan"
    assert c.Spawner.default_url == "/lab"
    assert c.Spawner.environment == {"JUPYTERHUB_ACTIVITY_INTERVAL": "300", "LANG": "C.UTF-8"}
    # The image's own command.
    assert "cmd" not in c.Spawner


def test_a_command_of_the_settings_replaces_the_images(raw, secrets):
    raw["spawner"]["command"] = ["start.sh", "jupyterhub-singleuser"]
    c = Config()
    traits.apply(c, Settings.model_validate_json(json.dumps(raw)), secrets)
    assert c.Spawner.cmd == ["start.sh", "jupyterhub-singleuser"]


def test_applying_twice_changes_nothing(c, settings, secrets):
    again = Config()
    traits.apply(again, settings, secrets)
    traits.apply(again, settings, secrets)
    assert _values(again) == _values(c)


def _values(c):
    """What was set, but for functions, which are made anew."""
    return {
        section: {name: value for name, value in c[section].items() if not callable(value)} for section in c
    }


@pytest.mark.parametrize(
    "name", ["cookie_secret", "crypt_key", "proxy_api_password", "user_password", "admin_password"]
)
def test_a_missing_secret_is_named(settings, secrets, secrets_folder, name):
    (secrets_folder / name).unlink()
    with pytest.raises(SettingsError, match=f"{name}: secret cannot be read"):
        traits.apply(Config(), settings, secrets)


@pytest.mark.parametrize(
    ("database", "secret", "url", "password"),
    [
        (
            {
                "kind": "postgres",
                "host": "database",
                "port": 5432,
                "name": "n",
                "user": "u",
                "moveFrom": None,
            },
            "s3cret",
            "postgresql+psycopg://u@database:5432/n?application_name=jupyterhub&connect_timeout=5",
            "s3cret",
        ),
        (
            {"kind": "url", "ca": "/run/secrets/database_ca", "moveFrom": None},
            "postgresql://u:p%40s3cret@db.example.org/n?sslmode=verify-full&connect_timeout=9",
            "postgresql+psycopg://u@db.example.org/n?application_name=jupyterhub&connect_timeout=9"
            "&sslmode=verify-full&sslrootcert=%2Frun%2Fsecrets%2Fdatabase_ca",
            "p@s3cret",
        ),
        (
            {"kind": "url", "ca": None, "moveFrom": None},
            "postgres://u@db/n?password=s3cret",
            "postgresql+psycopg://u@db/n?application_name=jupyterhub&connect_timeout=5",
            "s3cret",
        ),
    ],
)
def test_the_address_of_postgresql_has_no_password(
    raw, secrets, secrets_folder, database, secret, url, password
):
    raw["database"] = database
    name = "database_password" if database["kind"] == "postgres" else "database_url"
    (secrets_folder / name).write_text(f"{secret}\n")
    settings = Settings.model_validate_json(json.dumps(raw))
    c = Config()
    traits.apply(c, settings, secrets)
    given, _, query = c.JupyterHub.db_url.partition("?")
    assert f"{given}?{'&'.join(sorted(query.split('&')))}" == url
    assert c.JupyterHub.upgrade_db is True
    assert connection.environment(connection.address(settings.database, secrets)) == {"PGPASSWORD": password}


@pytest.mark.parametrize("secret", ["mysql://u:s3cret@db/n", "s3cret", "postgresql://u:s3cret@db"])
def test_an_address_that_is_none_is_refused_and_not_shown(raw, secrets, secrets_folder, secret):
    raw["database"] = {"kind": "url", "ca": None, "moveFrom": None}
    (secrets_folder / "database_url").write_text(secret)
    settings = Settings.model_validate_json(json.dumps(raw))
    with pytest.raises(SettingsError, match="database_url: expected postgresql://") as caught:
        traits.apply(Config(), settings, secrets)
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize("level", ["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"])
def test_jupyterhub_takes_every_log_level(raw, secrets, level):
    raw["hub"]["logLevel"] = level
    c = Config()
    traits.apply(c, Settings.model_validate_json(json.dumps(raw)), secrets)
    hub = JupyterHub(log_level=c.JupyterHub.log_level)
    assert hub.log_level == logging.getLevelNamesMapping()[level]
