"""OAuth and OpenID Connect services."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from jupyterhub.handlers import BaseHandler
from oauthenticator.azuread import AzureAdOAuthenticator
from oauthenticator.cilogon import CILogonOAuthenticator
from oauthenticator.generic import GenericOAuthenticator
from oauthenticator.github import GitHubOAuthenticator
from oauthenticator.gitlab import GitLabOAuthenticator
from oauthenticator.google import GoogleOAuthenticator
from oauthenticator.oauth2 import OAuthLoginHandler
from requests.utils import parse_header_links
from tornado.web import HTTPError
from traitlets import Unicode

from ..jupyterhub_types import AuthModel
from .provider import Provider


class GitHub(Provider, GitHubOAuthenticator):
    async def get_user_groups(self, auth_state: dict[str, Any]) -> set[str]:
        """Teams, as `organisation:team`."""
        teams = auth_state.get("teams", [])
        return {f"{team['organization']['login']}:{team['slug']}" for team in teams}


class GitLab(Provider, GitLabOAuthenticator):
    """Groups are those that the person is a member of, by their full paths.

    Upstream asks for each allowed group by itself, and cannot find one that is inside another.
    """

    async def fetch_groups(self, token: str) -> list[str]:
        url: str | None = f"{self.gitlab_api}/groups?min_access_level=10&per_page=100"
        headers = {"Accept": "application/json", "Authorization": f"Bearer {token}"}
        groups: list[str] = []
        while url:
            answer = await self.httpfetch(url, "fetching groups", parse_json=False, headers=headers)
            groups += [group["full_path"] for group in json.loads(answer.body)]
            links = parse_header_links(answer.headers.get("Link", ""))
            url = next((link["url"] for link in links if link.get("rel") == "next"), None)
        return groups

    async def update_auth_model(self, auth_model: AuthModel) -> AuthModel:
        auth_model = await super().update_auth_model(auth_model)
        if self.manage_groups:
            state = auth_model["auth_state"]
            state["groups"] = await self.fetch_groups(state["access_token"])
        return auth_model

    async def get_user_groups(self, auth_state: dict[str, Any]) -> set[str]:
        return set(auth_state.get("groups", []))

    def require_confirmed(self, claims: Mapping[str, Any], name_claim: str) -> None:
        super().require_confirmed(claims, name_claim)
        # When the address was confirmed; nothing, where people may log in before that.
        if self.is_address(claims, name_claim) and not claims.get("confirmed_at", True):
            raise HTTPError(403, "Your e-mail address is not verified at the login service.")


class Google(Provider, GoogleOAuthenticator):
    pass


class AzureAd(Provider, AzureAdOAuthenticator):
    pass


class CILogon(Provider, CILogonOAuthenticator):
    def name_claim(self, user_info: Mapping[str, Any]) -> str:
        return str(self.idps[user_info["idp"]]["username_derivation"]["username_claim"])


class OidcLoginHandler(OAuthLoginHandler):
    async def get(self) -> None:
        await self.authenticator.discover()
        super().get()


class Oidc(Provider, GenericOAuthenticator):
    """A provider whose addresses are in its discovery document.

    It is read at the first login and not at the hub's start: without it a hub still serves those who are in.
    """

    login_handler = OidcLoginHandler
    issuer = Unicode(config=True, help="Address of the provider; empty if its other addresses are given.")
    groups_claim = Unicode(
        "groups", config=True, help="Claim that lists the groups; dots separate nested keys."
    )
    _discovered = False

    async def discover(self) -> None:
        if self._discovered or not self.issuer:
            return
        url = f"{self.issuer}/.well-known/openid-configuration"
        try:
            document = await self.httpfetch(url, "reading the discovery document")
            found = self._endpoints(document)
        except HTTPError:
            raise
        except Exception as error:
            self.log.error("The discovery document at %s cannot be used: %s", url, error)
            raise HTTPError(503, "The login service cannot be used. The hub's log has details.") from None
        self.authorize_url, self.token_url = found["authorization_endpoint"], found["token_endpoint"]
        self.userdata_url = found["userinfo_endpoint"]
        self._discovered = True

    def _endpoints(self, document: object) -> dict[str, str]:
        if not isinstance(document, dict) or str(document.get("issuer", "")).rstrip("/") != self.issuer:
            # Another issuer's document would send secrets to whoever wrote it.
            raise ValueError(f"expected issuer {self.issuer}")
        names = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint")
        missing = [name for name in names if not isinstance(document.get(name), str)]
        if missing:
            raise ValueError(f"it has no {', '.join(missing)}")
        secure = urlsplit(self.issuer).scheme == "https"
        if secure and not all(document[name].startswith("https://") for name in names):
            raise ValueError("expected addresses with https:// from an issuer with https://")
        return {name: document[name] for name in names}

    async def get_token_info(self, handler: BaseHandler, params: dict[str, Any]) -> dict[str, Any]:
        await self.discover()
        found: dict[str, Any] = await super().get_token_info(handler, params)
        return found

    async def token_to_user(self, token_info: dict[str, Any]) -> dict[str, Any]:
        await self.discover()
        found: dict[str, Any] = await super().token_to_user(token_info)
        return found

    async def get_user_groups(self, auth_state: dict[str, Any]) -> set[str]:
        claims = auth_state[self.user_auth_state_key]
        # A claim's name may be an address, dots and all.
        groups = claims.get(self.groups_claim)
        if groups is None:
            groups = claims
            for step in self.groups_claim.split("."):
                groups = groups.get(step) if isinstance(groups, dict) else None
        if isinstance(groups, list):
            return {group for group in groups if isinstance(group, str)}
        if groups is not None:
            self.log.error("Claim %s is not a list of groups", self.groups_claim)
        return set()
