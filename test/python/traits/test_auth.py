"""Each kind of login on a bare Config: every trait, and that JupyterHub's own classes take them."""

import json
import ssl
from importlib import import_module

import pytest
from jupyterhub.auth import Authenticator
from pydantic import ValidationError
from traitlets.config import Config
from traitlets.utils.importstring import import_item

from helpers.logins import IDP, MINIMAL
from jupyterhub_on_docker import traits
from jupyterhub_on_docker.config import Settings
from jupyterhub_on_docker.errors import SettingsError

OAUTH = ("github", "gitlab", "google", "azuread", "oidc", "cilogon")
GROUPS = {"allowedGroups": ["physics"], "adminGroups": ["staff"]}


@pytest.fixture
def apply(raw, secrets, secrets_folder):
    """Traits for a kind with some keys."""
    (secrets_folder / "auth_client_secret").write_text("client-secret\n")
    (secrets_folder / "auth_search_password").write_text("search-password\n")
    (secrets_folder / "auth_service_key").write_text("{}\n")
    (secrets_folder / "auth_passwords").write_text("ann:$6$salt$hash.of/it\n\nben:$y$j9T$salt$hash\n")

    def of(kind, **keys) -> Config:
        raw["auth"] = {"kind": kind, **MINIMAL[kind], **keys}
        c = Config()
        traits.apply(c, Settings.model_validate_json(json.dumps(raw)), secrets)
        return c

    return of


def authenticator(c: Config, **kwargs) -> Authenticator:
    return import_item(c.JupyterHub.authenticator_class)(config=c, **kwargs)


@pytest.mark.parametrize("kind", MINIMAL)
def test_every_trait_of_every_kind_exists(apply, kind):
    """A misspelt trait would do nothing, and be silent about it."""
    keys = {"anonymous": {"loginService": "x"}}.get(kind, {"users": ["ann"], "blocked": ["eve"]})
    c = apply(kind, **keys)
    chosen = import_item(c.JupyterHub.authenticator_class)
    classes = {one.__name__: one for one in chosen.__mro__ if hasattr(one, "class_traits")}
    sections = {
        name for name in c if name in classes or name.endswith(("Authenticator", "Listed", "Provider"))
    }
    unknown = [
        f"{section}.{name}"
        for section in sections
        for name in c[section]
        if section not in classes or name not in classes[section].class_traits(config=True)
    ]
    assert unknown == []
    assert {"Authenticator"} <= sections


@pytest.mark.parametrize("kind", [kind for kind in MINIMAL if kind not in ("anonymous", "native")])
def test_people_of_every_kind(apply, kind):
    c = apply(kind, users=["ann"], admins=["root"], blocked=["eve"])
    made = authenticator(c)
    assert made.allowed_users == {"ann", "root"}
    assert made.admin_users == {"root"}
    assert made.blocked_users == {"eve"}
    assert made.allow_all is False
    assert made.allow_existing_users is False
    assert apply(kind, allowExistingUsers=True).Authenticator.allow_existing_users is True
    assert apply(kind, allowAll=True).Authenticator.allow_all is True


@pytest.mark.parametrize("kind", MINIMAL)
def test_who_leaves_the_administrators_is_none_at_the_next_login(apply, kind):
    chosen = import_item(apply(kind).JupyterHub.authenticator_class)
    if kind == "anonymous":
        return
    made = type("Made", (chosen,), {"__init__": lambda self: None})()
    made.admin_users = {"root"}
    assert chosen.is_admin(made, None, {"name": "ann"}) is False
    assert chosen.is_admin(made, None, {"name": "root"}) is True


@pytest.mark.parametrize("kind", [kind for kind in MINIMAL if kind not in ("anonymous", "shared-password")])
def test_whom_the_hub_made_an_administrator_stays_one_with_existing_users(apply, kind):
    chosen = import_item(apply(kind).JupyterHub.authenticator_class)
    made = type("Made", (chosen,), {"__init__": lambda self: None})()
    made.admin_users, made.allow_existing_users = {"root"}, True
    assert chosen.is_admin(made, None, {"name": "ann"}) is None
    assert chosen.is_admin(made, None, {"name": "root"}) is True


def test_blocked_people_are_in_no_list(apply):
    c = apply("shared-password", users=["ann", "eve"], admins=["root", "eve"], blocked=["EVE"])
    made = authenticator(c)
    assert (made.allowed_users, made.admin_users) == ({"ann", "root"}, {"root"})


@pytest.mark.parametrize("kind", OAUTH)
def test_oauth(apply, kind):
    c = apply(kind, autoLogin=True, loginService="University", logoutRedirect="https://sso.example.org/out")
    made = authenticator(c)
    assert (made.client_id, made.client_secret) == ("hub", "client-secret")
    assert made.oauth_callback_url == "https://hub.example.org/base/hub/oauth_callback"
    assert (made.auto_login, made.login_service) == (True, "University")
    assert made.logout_redirect_url == "https://sso.example.org/out"
    assert made.enable_auth_state is True
    assert made.enable_pkce is True
    assert made.validate_server_cert is True
    assert made.manage_groups is False
    assert "you may not use this hub yet" in made.custom_403_message
    assert apply(kind, refreshAge=0).Authenticator.auth_refresh_age == 0
    assert authenticator(apply(kind)).auth_refresh_age == 300


@pytest.mark.parametrize("kind", [kind for kind in OAUTH if kind not in ("cilogon", "google")])
def test_groups_of_oauth_are_managed(apply, kind):
    made = authenticator(apply(kind, **GROUPS))
    assert made.manage_groups is True
    assert (made.allowed_groups, made.admin_groups) == ({"physics"}, {"staff"})
    assert authenticator(apply(kind, manageGroups=True)).manage_groups is True


def test_an_extra_authority_comes_beside_the_usual_ones(apply):
    made = authenticator(apply("oidc", caFile=ssl.get_default_verify_paths().openssl_cafile))
    assert made.ssl_context().verify_mode == ssl.CERT_REQUIRED
    assert made.ssl_context().check_hostname is True


def test_github(apply):
    made = authenticator(apply("github"))
    assert made.authorize_url == "https://github.com/login/oauth/authorize"
    assert made.scope == []
    keys = {"url": "https://github.example.org", "organizations": ["lab", "uni:students"]}
    made = authenticator(apply("github", **keys, **GROUPS))
    assert made.token_url == "https://github.example.org/login/oauth/access_token"
    assert made.userdata_url == "https://github.example.org/api/v3/user"
    assert made.allowed_organizations == {"lab", "uni:students"}
    assert made.populate_teams_in_auth_state is True
    assert made.scope == ["read:org"]


def test_gitlab(apply):
    made = authenticator(apply("gitlab"))
    assert (made.authorize_url, made.scope) == ("https://gitlab.com/oauth/authorize", ["read_user"])
    made = authenticator(apply("gitlab", url="https://git.example.org", projectIds=[4711]))
    assert made.userdata_url == "https://git.example.org/api/v4/user"
    assert (made.allowed_project_ids, made.scope) == ({4711}, ["read_api"])
    assert authenticator(apply("gitlab", usernames={"fromEmail": True})).username_claim == "email"


def test_google(apply):
    made = authenticator(apply("google", hostedDomains=["Example.org"]))
    assert (made.hosted_domain, made.strip_domain) == (["example.org"], True)
    assert made.allowed_google_groups == {}
    access = {"administrator": "admin", "serviceAccountKey": "auth_service_key", "nested": True}
    keys = {"hostedDomains": ["example.org"], "groupsAccess": access, "usernames": {"fromEmail": True}}
    made = authenticator(apply("google", **keys, **GROUPS))
    # With the domain cut off there were no address to make a name from.
    assert made.strip_domain is False
    assert made.gsuite_administrator == {"example.org": "admin"}
    assert made.google_service_account_keys == {"example.org": "/run/secrets/auth_service_key"}
    assert made.allowed_google_groups == {"example.org": {"physics"}}
    assert made.admin_google_groups == {"example.org": {"staff"}}
    assert made.include_nested_groups is True
    assert made.auth_state_groups_key == "google_user.google_groups"
    # What the groups are read with.
    import_module("google.oauth2.service_account")
    import_module("google.auth.transport.requests")


def test_azuread(apply):
    made = authenticator(apply("azuread"))
    assert made.authorize_url == "https://login.microsoftonline.com/example.org/oauth2/authorize"
    assert (made.username_claim, made.scope) == ("unique_name", ["openid", "profile", "email"])
    assert authenticator(apply("azuread", usernameClaim="upn")).username_claim == "upn"


def test_oidc_by_discovery(apply):
    made = authenticator(apply("oidc", groupsClaim="realm.roles", basicAuth=True))
    assert (made.issuer, made.authorize_url) == ("https://sso.example.org", "")
    assert (made.username_claim, made.groups_claim) == ("preferred_username", "realm.roles")
    assert made.scope == ["openid", "profile", "email"]
    assert made.basic_auth is True
    assert authenticator(apply("oidc", usernames={"fromEmail": True})).username_claim == "email"


def test_oauth2_by_addresses(apply):
    keys = {"authorizeUrl": "https://a/x", "tokenUrl": "https://a/t", "userdataUrl": "https://a/u"}
    more = {"scopes": ["me"], "usernameClaim": "uid", "authorizeParameters": {"prompt": "login"}}
    made = authenticator(apply("oidc", issuer=None, **keys, **more))
    assert made.issuer == ""
    assert (made.authorize_url, made.token_url, made.userdata_url) == tuple(keys.values())
    assert (made.scope, made.username_claim) == (["me"], "uid")
    assert made.extra_authorize_params == {"prompt": "login"}


def test_cilogon(apply):
    first = {"usernameClaim": "eppn", "stripDomain": "example.edu", "allowAll": True, "default": True}
    second = {"usernameClaim": "email", "prefix": "google", "allowedDomains": ["Uni.edu"]}
    made = authenticator(apply("cilogon", idps={IDP: first, "http://google.com/accounts/o8/id": second}))
    assert made.idps == {
        IDP: {
            "username_derivation": {
                "username_claim": "eppn",
                "action": "strip_idp_domain",
                "domain": "example.edu",
            },
            "default": True,
            "allow_all": True,
            "allowed_domains": [],
        },
        "http://google.com/accounts/o8/id": {
            "username_derivation": {"username_claim": "email", "action": "prefix", "prefix": "google"},
            "default": False,
            "allow_all": False,
            "allowed_domains": ["uni.edu"],
        },
    }


@pytest.mark.parametrize(
    ("tls", "strategy", "port"),
    [("start-tls", "before_bind", 389), ("ldaps", "on_connect", 636), ("none", "insecure", 389)],
)
def test_ldap_checks_certificates(apply, tls, strategy, port):
    made = authenticator(apply("ldap", tls=tls))
    assert (made.server_address, made.server_port) == ("ldap.example.org", port)
    assert made.tls_strategy.name == strategy
    assert made.bind_dn_template == ["uid={username},dc=example,dc=org"]
    if tls != "none":
        # Without a file the library takes the usual authorities.
        assert made.tls_kwargs == {"validate": ssl.CERT_REQUIRED, "version": ssl.PROTOCOL_TLS_CLIENT}
        named = apply("ldap", tls=tls, caFile="/ca.pem").LDAPAuthenticator.tls_kwargs
        assert named == {**made.tls_kwargs, "ca_certs_file": "/ca.pem"}


def test_ldap_by_search_and_groups(apply):
    search = {
        "base": "dc=example,dc=org",
        "attribute": "mail",
        "filter": "(a={b})",
        "user": "cn=hub",
        "password": "auth_search_password",
    }
    groups = {"allowedGroups": ["cn=physics,dc=x"], "adminGroups": ["cn=staff,dc=x"]}
    made = authenticator(apply("ldap", bindDn=[], search=search, **groups))
    assert made.lookup_dn is True
    assert made.user_search_base == "dc=example,dc=org"
    assert (made.user_attribute, made.lookup_dn_user_dn_attribute) == ("mail", "mail")
    filled = made.lookup_dn_search_filter.format(login_attr="mail", login="ann")
    assert filled == "(&(mail=ann)(a={b}))"
    assert (made.lookup_dn_search_user, made.lookup_dn_search_password) == ("cn=hub", "search-password")
    assert set(made.allowed_groups) == {"cn=physics,dc=x", "cn=staff,dc=x"}
    assert made.admin_groups == {"cn=staff,dc=x"}
    assert (made.group_search_filter, made.group_attributes) == ("(member={userdn})", ["member"])
    traits_of_posix = apply("ldap", groupMembers="memberUid").LDAPAuthenticator
    assert traits_of_posix.group_search_filter == "(memberUid={uid})"
    assert made.manage_groups is True


def test_lti13(apply):
    made = authenticator(apply("lti13", usernameKey="custom_uname", loginService="Moodle"))
    assert made.issuer == "https://moodle.example.org"
    assert made.authorize_url == "https://moodle.example.org/auth"
    assert made.jwks_endpoint == "https://moodle.example.org/certs"
    assert made.client_id == {"a", "b"}
    assert (made.username_key, made.uri_scheme, made.login_service) == ("custom_uname", "https", "Moodle")


def test_shared_password(apply):
    made = authenticator(apply("shared-password", users=["alice"], admins=["admin"]))
    assert made.user_password == "user-password"
    assert made.admin_password == "admin-password-of-32-characters!!"


def test_anonymous(apply):
    made = authenticator(apply("anonymous"))
    assert (made.allow_all, made.auto_login) == (True, True)
    made = authenticator(apply("anonymous", autoLogin=False, loginService="curiosity"))
    assert (made.auto_login, made.login_service) == (False, "curiosity")


def test_native_by_approval(apply):
    c = apply("native")
    native = c.NativeAuthenticator
    # Who is approved may log in: the hub itself has no list.
    assert c.Authenticator.allow_all is True
    assert (native.enable_signup, native.open_signup) == (True, False)
    assert (native.minimum_password_length, native.check_common_password) == (10, True)
    assert (native.allowed_failed_logins, native.seconds_before_next_try) == (0, 600)
    assert c.Native.first_password == "admin-password-of-32-characters!!"


def test_native_otherwise(apply):
    keys = {"passwords": {"minimumLength": 12}, "lockout": {"attempts": 3}, "askEmail": True}
    c = apply("native", signUp="open", users=["ann"], **keys)
    assert c.Authenticator.allow_all is False
    assert c.Authenticator.allowed_users == {"ann", "admin"}
    assert c.NativeAuthenticator.open_signup is True
    assert c.NativeAuthenticator.minimum_password_length == 12
    assert c.NativeAuthenticator.allowed_failed_logins == 3
    assert c.NativeAuthenticator.ask_email_on_signup is True
    assert apply("native", signUp="closed").NativeAuthenticator.enable_signup is False


def test_pam(apply, secrets_folder):
    made = authenticator(apply("pam"))
    assert (made.service, made.open_sessions) == ("jupyterhub-on-docker", False)
    (secrets_folder / "auth_passwords").write_text("ann:plain-text\n")
    with pytest.raises(SettingsError, match=r"^auth\.passwords: line 1: expected name:hash") as caught:
        apply("pam")
    assert "plain-text" not in str(caught.value)


def test_names_from_addresses(apply):
    names = {"fromEmail": True, "domains": ["uni-x.org"], "map": {"Old@x.org": "new--x-org"}}
    made = authenticator(apply("oidc", users=["a@b.c"], blocked=["Eve@mail.ch"], usernames=names))
    normalize = made.normalize_username
    assert made.blocked_users == {"eve--mail-ch"}
    assert normalize("Foo.Bar@mail.ch") == "foo-bar--mail-ch"
    assert normalize("a@uni-x.org") == "a--uni-x-org"
    assert normalize("OLD@x.org") == "new--x-org"
    for name in ("foo-bar--mail-ch", "a-b_4gokz5li--mail-ch", "a@"):
        assert normalize(name) == name


@pytest.mark.parametrize(
    ("user_info", "status"),
    [
        ({"email": "foo-bar--mail-ch"}, 403),
        ({"email": "foo-bar--mail-ch@"}, 403),
        *(
            ({"email": "a@b.c", "email_verified": value}, 403)
            for value in (False, "false", "False", "TRUE", "yes", "1", 0, 1, None, "", [], [True], {})
        ),
        ({"email": "a@b.c", "verified_email": "false"}, 403),
        ({"email": "a@b.c", "xms_edov": "0"}, 403),
        ({"email": "a@b.c", "xms_edov": 1}, None),
        ({"email": "a@b.c", "email_verified": True, "verified_email": False}, 403),
        ({"email": "a@b.c", "email_verified": True}, None),
        ({"email": "a@b.c", "email_verified": "true"}, None),
        ({"email": "a@b.c"}, None),
    ],
)
def test_nobody_is_taken_for_another_by_a_name_of_their_choice(apply, user_info, status):
    from tornado.web import HTTPError

    made = authenticator(apply("oidc", usernames={"fromEmail": True}))
    if status is None:
        assert made.user_info_to_username(user_info) == "a@b.c"
        return
    with pytest.raises(HTTPError) as caught:
        made.user_info_to_username(user_info)
    assert caught.value.status_code == status


ADDRESS = "ann@x.org"


@pytest.mark.parametrize(
    ("kind", "keys", "claims"),
    [
        ("oidc", {"usernameClaim": "email"}, {}),
        ("oidc", {"usernameClaim": "preferred_username"}, {"preferred_username": "Ann@x.org"}),
        ("oidc", {"usernameClaim": "mail"}, {"mail": ADDRESS, "email": None}),
        ("azuread", {"usernameClaim": "email"}, {}),
        ("google", {}, {}),
        ("google", {"hostedDomains": ["x.org"]}, {}),
        ("cilogon", {"idps": {IDP: {"usernameClaim": "email", "stripDomain": "x.org"}}}, {"idp": IDP}),
        ("github", {"usernames": {"fromEmail": True}}, {"login": ADDRESS}),
        ("gitlab", {"usernames": {"fromEmail": True}}, {}),
        ("lti13", {}, {}),
        ("lti13", {"usernameKey": "sub"}, {"sub": ADDRESS}),
    ],
)
def test_an_address_that_is_not_confirmed_makes_no_name(apply, kind, keys, claims):
    from tornado.web import HTTPError

    made = authenticator(apply(kind, **keys))
    name_of = made.get_username if kind == "lti13" else made.user_info_to_username
    claims = {"email": ADDRESS, **claims}
    assert name_of(dict(claims)).lower() in ("ann", ADDRESS)
    assert name_of({**claims, "email_verified": "true"})
    for value in (False, "false", 0, None):
        with pytest.raises(HTTPError) as caught:
            name_of({**claims, "email_verified": value})
        assert caught.value.status_code == 403


def test_a_name_that_is_no_address_needs_none_that_is_confirmed(apply):
    made = authenticator(apply("oidc"))
    claims = {"preferred_username": "ann", "email": ADDRESS, "email_verified": False}
    assert made.user_info_to_username(claims) == "ann"


def test_gitlab_says_it_in_its_own_way(apply):
    from tornado.web import HTTPError

    made = authenticator(apply("gitlab", usernames={"fromEmail": True}))
    claims = {"email": ADDRESS, "username": "ann"}
    assert made.user_info_to_username({**claims, "confirmed_at": "2026-01-01T00:00:00Z"}) == ADDRESS
    with pytest.raises(HTTPError):
        made.user_info_to_username({**claims, "confirmed_at": None})


@pytest.mark.parametrize("tried", ["pässwörd", "\ud800", "\0", "", "x" * 100_000])
@pytest.mark.parametrize("password", ["user-password", "pässwörd-für-alle"])
def test_a_shared_password_is_compared_whatever_its_letters(apply, password, tried):
    import asyncio

    made = authenticator(apply("shared-password", users=["ann"]))
    made.user_password = password

    def log_in(password):
        return asyncio.run(made.authenticate(None, {"username": "ann", "password": password}))

    assert log_in(tried) is None
    assert log_in(password)["name"] == "ann"


@pytest.mark.parametrize(
    ("kind", "keys", "key"),
    [
        *((kind, {"apiLogin": True}, "apiLogin") for kind in (*OAUTH, "lti13", "anonymous")),
        ("oidc", {"issuer": "sso.example.org"}, "issuer"),
        ("oidc", {"refreshAge": -1}, "refreshAge"),
        ("cilogon", {"idps": {}}, "idps"),
        ("ldap", {"tls": "ssl"}, "tls"),
        ("lti13", {"clientIds": []}, "clientIds"),
        ("github", {"clientId": ""}, "clientId"),
        ("native", {"signUp": "all"}, "signUp"),
        ("anonymous", {"users": ["ann"]}, "users"),
        ("google", {"hostedDomain": "x"}, "hostedDomain"),
    ],
)
def test_what_is_wrong_is_refused(apply, kind, keys, key):
    with pytest.raises(ValidationError) as caught:
        apply(kind, **keys)
    assert [problem["loc"][:3] for problem in caught.value.errors()] == [("auth", kind, key)]


@pytest.mark.parametrize(
    ("kind", "keys", "name"),
    [
        ("oidc", {}, "auth_client_secret"),
        ("pam", {}, "auth_passwords"),
        ("native", {}, "admin_password"),
        (
            "ldap",
            {"search": {"base": "dc=x", "user": "cn=x", "password": "auth_search_password"}},
            "auth_search_password",
        ),
    ],
)
def test_a_missing_secret_of_a_login_is_named(apply, secrets_folder, kind, keys, name):
    (secrets_folder / name).unlink()
    with pytest.raises(SettingsError, match=f"{name}: secret cannot be read"):
        apply(kind, **keys)


def test_kinds_without_passwords_need_none(apply, secrets_folder):
    for name in ("user_password", "admin_password"):
        (secrets_folder / name).unlink()
    for kind in set(MINIMAL) - {"shared-password", "native"}:
        apply(kind)
