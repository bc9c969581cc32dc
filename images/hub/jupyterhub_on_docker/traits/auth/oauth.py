"""OAuth and OpenID Connect services."""

from typing import Any

from traitlets.config import Config

from ...config import Hub
from ...config.auth import AzureAd, CILogon, GitHub, GitLab, Google, IdentityProvider, OAuth, Oidc
from ...paths import SECRETS
from ...secrets import Secrets
from .people import set_groups, set_people, set_usernames

NOT_ALLOWED = "You are logged in, but you may not use this hub yet. Its administrators can add you."


def _application(c: Config, auth: OAuth, hub: Hub, secrets: Secrets) -> None:
    set_people(c, auth)
    set_usernames(c, auth.usernames)
    set_groups(c, auth, "OAuthenticator")
    # Tokens, encrypted in the database: rights and groups are asked for again with them.
    c.Authenticator.enable_auth_state = True
    if auth.refresh_age is not None:
        c.Authenticator.auth_refresh_age = auth.refresh_age
    c.Authenticator.auto_login = auth.auto_login is True
    traits = c.OAuthenticator
    traits.client_id = auth.client_id
    traits.client_secret = secrets.text(auth.client_secret)
    traits.oauth_callback_url = f"{hub.public_url}hub/oauth_callback"
    traits.custom_403_message = NOT_ALLOWED
    if auth.login_service:
        traits.login_service = auth.login_service
    if auth.logout_redirect:
        traits.logout_redirect_url = auth.logout_redirect
    if auth.ca_file:
        c.Provider.ca_file = auth.ca_file


def github(c: Config, auth: GitHub, hub: Hub, secrets: Secrets) -> None:
    _application(c, auth, hub, secrets)
    c.GitHubOAuthenticator.github_url = auth.url
    c.GitHubOAuthenticator.allowed_organizations = set(auth.organizations)
    c.GitHubOAuthenticator.populate_teams_in_auth_state = auth.uses_groups
    # Memberships are private to most people's organisations.
    c.OAuthenticator.scope = ["read:org"] if auth.organizations or auth.uses_groups else []


def gitlab(c: Config, auth: GitLab, hub: Hub, secrets: Secrets) -> None:
    _application(c, auth, hub, secrets)
    c.GitLabOAuthenticator.gitlab_url = auth.url
    c.GitLabOAuthenticator.allowed_project_ids = set(auth.project_ids)
    c.OAuthenticator.scope = ["read_api" if auth.project_ids or auth.uses_groups else "read_user"]
    c.OAuthenticator.username_claim = "email" if auth.usernames.from_email else "username"


def google(c: Config, auth: Google, hub: Hub, secrets: Secrets) -> None:
    _application(c, auth, hub, secrets)
    traits = c.GoogleOAuthenticator
    traits.hosted_domain = sorted(auth.hosted_domains)
    traits.strip_domain = len(auth.hosted_domains) == 1 and not auth.usernames.from_email
    access = auth.groups_access
    if access is None:
        return
    secrets.text(access.service_account_key)
    domains = sorted(domain.lower() for domain in auth.hosted_domains)
    traits.gsuite_administrator = {domain: access.administrator for domain in domains}
    key = str(SECRETS / access.service_account_key)
    traits.google_service_account_keys = {domain: key for domain in domains}
    traits.include_nested_groups = access.nested
    traits.allowed_google_groups = {domain: set(auth.allowed_groups) for domain in domains}
    traits.admin_google_groups = {domain: set(auth.admin_groups) for domain in domains}
    # The same groups are the hub's.
    c.OAuthenticator.auth_state_groups_key = "google_user.google_groups"


def azuread(c: Config, auth: AzureAd, hub: Hub, secrets: Secrets) -> None:
    _application(c, auth, hub, secrets)
    c.AzureAdOAuthenticator.tenant_id = auth.tenant
    c.AzureAdOAuthenticator.graph_url = auth.url
    c.OAuthenticator.username_claim = auth.username_claim
    c.OAuthenticator.scope = ["openid", "profile", "email"]


def oidc(c: Config, auth: Oidc, hub: Hub, secrets: Secrets) -> None:
    _application(c, auth, hub, secrets)
    default_claim = "email" if auth.usernames.from_email else "preferred_username"
    c.OAuthenticator.username_claim = auth.username_claim or default_claim
    c.OAuthenticator.scope = list(auth.scopes)
    c.OAuthenticator.basic_auth = auth.basic_auth
    c.OAuthenticator.extra_authorize_params = dict(auth.authorize_parameters)
    c.Oidc.groups_claim = auth.groups_claim
    if auth.issuer:
        c.Oidc.issuer = auth.issuer
        return
    c.OAuthenticator.authorize_url = auth.authorize_url
    c.OAuthenticator.token_url = auth.token_url
    c.OAuthenticator.userdata_url = auth.userdata_url


def cilogon(c: Config, auth: CILogon, hub: Hub, secrets: Secrets) -> None:
    _application(c, auth, hub, secrets)
    c.CILogonOAuthenticator.idps = {entity: _idp(idp) for entity, idp in auth.idps.items()}


def _idp(idp: IdentityProvider) -> dict[str, Any]:
    derivation: dict[str, str] = {"username_claim": idp.username_claim}
    if idp.strip_domain:
        derivation |= {"action": "strip_idp_domain", "domain": idp.strip_domain}
    elif idp.prefix:
        derivation |= {"action": "prefix", "prefix": idp.prefix}
    return {
        "username_derivation": derivation,
        "default": idp.default,
        "allow_all": idp.allow_all,
        "allowed_domains": list(idp.allowed_domains),
    }
