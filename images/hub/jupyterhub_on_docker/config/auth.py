"""Who may log in, and how. Secrets are named by their files; what may be left out has its default here."""

from typing import Annotated, Literal

from pydantic import Field

from .base import AbsolutePath, NotEmpty, PositiveInt, Section, WebUrl

Names = Annotated[list[NotEmpty], Field(default_factory=list)]
SCOPES = ("openid", "profile", "email")
Seconds = Annotated[int, Field(ge=0)]


class Login(Section):
    """What all kinds have."""

    users: Names
    admins: Names
    blocked: Names
    allow_existing_users: bool = False
    allow_all: bool = False


class PasswordLogin(Login):
    """Kinds with a form for a name and a password."""

    api_login: bool = False
    """Whether the API gives tokens for a name and a password, too."""


class SharedPassword(PasswordLogin):
    kind: Literal["shared-password"]


class Passwords(Section):
    minimum_length: PositiveInt = 10
    refuse_common: bool = True


class Lockout(Section):
    attempts: Annotated[int, Field(ge=0)] = 0
    seconds: PositiveInt = 600


class Native(PasswordLogin):
    kind: Literal["native"]
    sign_up: Literal["approval", "open", "closed"] = "approval"
    passwords: Passwords = Passwords()
    lockout: Lockout = Lockout()
    ask_email: bool = False
    two_factor: bool = False


class Pam(PasswordLogin):
    kind: Literal["pam"]
    passwords: NotEmpty
    """Name of the secret with lines of name:hash."""


class Button(Section):
    login_service: NotEmpty | None = None
    auto_login: bool | None = None


class Anonymous(Button):
    kind: Literal["anonymous"]


class Usernames(Section):
    from_email: bool = False
    domains: Names
    map: Annotated[dict[NotEmpty, NotEmpty], Field(default_factory=dict)]


class Groups(Login):
    """Kinds whose service knows groups."""

    allowed_groups: Names
    admin_groups: Names
    manage_groups: bool | None = None
    usernames: Usernames = Usernames()

    @property
    def uses_groups(self) -> bool:
        """Whether the hub takes groups from the service."""
        named = bool(self.allowed_groups or self.admin_groups)
        return named or self.manage_groups is True


class OAuth(Groups, Button):
    client_id: NotEmpty
    client_secret: NotEmpty
    """Name of the secret."""
    logout_redirect: WebUrl | None = None
    refresh_age: Seconds | None = None
    ca_file: AbsolutePath | None = None


class GitHub(OAuth):
    kind: Literal["github"]
    url: WebUrl = "https://github.com"
    organizations: Names
    """Organisations, and teams as organisation:team."""


class GitLab(OAuth):
    kind: Literal["gitlab"]
    url: WebUrl = "https://gitlab.com"
    project_ids: Annotated[list[PositiveInt], Field(default_factory=list)]


class GoogleGroups(Section):
    administrator: NotEmpty
    service_account_key: NotEmpty
    """Name of the secret."""
    nested: bool = False


class Google(OAuth):
    kind: Literal["google"]
    hosted_domains: Names
    groups_access: GoogleGroups | None = None


class AzureAd(OAuth):
    kind: Literal["azuread"]
    tenant: NotEmpty
    username_claim: NotEmpty = "unique_name"
    url: WebUrl = "https://login.microsoftonline.com"


class Oidc(OAuth):
    kind: Literal["oidc"]
    issuer: WebUrl | None = None
    authorize_url: WebUrl | None = None
    token_url: WebUrl | None = None
    userdata_url: WebUrl | None = None
    scopes: Annotated[list[NotEmpty], Field(default_factory=lambda: list(SCOPES))]
    username_claim: NotEmpty | None = None
    groups_claim: NotEmpty = "groups"
    authorize_parameters: Annotated[dict[NotEmpty, str], Field(default_factory=dict)]
    basic_auth: bool = False


class IdentityProvider(Section):
    username_claim: NotEmpty
    strip_domain: NotEmpty | None = None
    prefix: NotEmpty | None = None
    allow_all: bool = False
    allowed_domains: Names
    default: bool = False


class CILogon(OAuth):
    kind: Literal["cilogon"]
    idps: Annotated[dict[NotEmpty, IdentityProvider], Field(min_length=1)]


class LdapSearch(Section):
    base: NotEmpty
    attribute: NotEmpty = "uid"
    filter: NotEmpty | None = None
    user: NotEmpty | None = None
    password: NotEmpty | None = None
    """Name of the secret."""


class Ldap(Groups, PasswordLogin):
    kind: Literal["ldap"]
    server: NotEmpty
    port: PositiveInt | None = None
    tls: Literal["start-tls", "ldaps", "none"] = "start-tls"
    ca_file: AbsolutePath | None = None
    bind_dn: Names
    group_members: Literal["member", "uniqueMember", "memberUid"] = "member"
    search: LdapSearch | None = None


class Lti13(Login):
    kind: Literal["lti13"]
    issuer: NotEmpty
    authorize_url: WebUrl
    jwks_url: WebUrl
    client_ids: Annotated[list[NotEmpty], Field(min_length=1)]
    username_key: NotEmpty = "email"
    login_service: NotEmpty | None = None
    usernames: Usernames = Usernames()


Auth = Annotated[
    SharedPassword
    | Native
    | Pam
    | Anonymous
    | GitHub
    | GitLab
    | Google
    | AzureAd
    | Oidc
    | CILogon
    | Ldap
    | Lti13,
    Field(discriminator="kind"),
]
