"""LDAP, and LTI 1.3 platforms."""

import ssl
from typing import Any

from traitlets.config import Config

from ...config import Hub
from ...config.auth import Ldap, LdapSearch, Lti13
from ...secrets import Secrets
from .people import set_people, set_usernames

LOGIN_NAME = r"^[A-Za-z0-9][A-Za-z0-9._@+-]{0,63}$"

TLS = {"start-tls": "before_bind", "ldaps": "on_connect", "none": "insecure"}
PORTS = {"start-tls": 389, "ldaps": 636, "none": 389}


def ldap(c: Config, auth: Ldap, secrets: Secrets) -> None:
    set_people(c, auth)
    set_usernames(c, auth.usernames)
    c.Authenticator.manage_groups = auth.uses_groups
    traits = c.LDAPAuthenticator
    traits.server_address = auth.server
    traits.server_port = auth.port or PORTS[auth.tls]
    traits.tls_strategy = TLS[auth.tls]
    if auth.tls != "none":
        traits.tls_kwargs = _tls(auth.ca_file)
    traits.valid_username_regex = LOGIN_NAME
    # Members of these are allowed; which of them make an administrator is looked at after.
    traits.allowed_groups = sorted({*auth.allowed_groups, *auth.admin_groups})
    # Upstream asks for all three attributes, which fails where the server's schema has not all of them.
    member = "{uid}" if auth.group_members == "memberUid" else "{userdn}"
    traits.group_search_filter = f"({auth.group_members}={member})"
    traits.group_attributes = [auth.group_members]
    c.Ldap.admin_groups = set(auth.admin_groups)
    if auth.search is None:
        traits.bind_dn_template = list(auth.bind_dn)
    else:
        _search(c, auth.search, secrets)


def _tls(ca_file: str | None) -> dict[str, Any]:
    """The library's own default takes any certificate. A file is instead of the usual authorities."""
    named = {} if ca_file is None else {"ca_certs_file": ca_file}
    # With a protocol given it does not insist on the newest form of certificates, as Python 3.13 does: the
    # authorities of organisations are often older.
    return {"validate": ssl.CERT_REQUIRED, "version": ssl.PROTOCOL_TLS_CLIENT, **named}


def _search(c: Config, search: LdapSearch, secrets: Secrets) -> None:
    traits = c.LDAPAuthenticator
    traits.lookup_dn = True
    traits.user_search_base = search.base
    traits.user_attribute = search.attribute
    traits.lookup_dn_user_dn_attribute = search.attribute
    if search.filter:
        # A template: braces of the filter stand for themselves.
        literal = search.filter.replace("{", "{{").replace("}", "}}")
        traits.lookup_dn_search_filter = f"(&({{login_attr}}={{login}}){literal})"
    if search.user:
        traits.lookup_dn_search_user = search.user
    if search.password:
        traits.lookup_dn_search_password = secrets.text(search.password)


def lti13(c: Config, auth: Lti13, hub: Hub) -> None:
    set_people(c, auth)
    set_usernames(c, auth.usernames)
    traits = c.LTI13Authenticator
    traits.issuer = auth.issuer
    traits.authorize_url = auth.authorize_url
    traits.jwks_endpoint = auth.jwks_url
    traits.client_id = set(auth.client_ids)
    traits.username_key = auth.username_key
    traits.uri_scheme = "https" if hub.public_url.startswith("https:") else "http"
    if auth.login_service:
        c.Lti13.login_service = auth.login_service
