"""What all kinds of login have: who may, who may not, and how names are made."""

from traitlets.config import Config

from ...config.auth import Groups, Login, Usernames
from ...names import rule


def set_people(c: Config, login: Login) -> None:
    c.Authenticator.allowed_users = {*login.users, *login.admins}
    c.Authenticator.admin_users = set(login.admins)
    c.Authenticator.blocked_users = set(login.blocked)
    c.Authenticator.allow_all = login.allow_all
    # Who leaves the settings may not log in again because the database still knows the name.
    c.Authenticator.allow_existing_users = login.allow_existing_users


def set_usernames(c: Config, usernames: Usernames) -> None:
    c.Listed.names_from_email = usernames.from_email
    c.Listed.email_domains = set(usernames.domains)
    # Looked up in the one spelling.
    c.Authenticator.username_map = {rule.canonical(person): name for person, name in usernames.map.items()}


def set_groups(c: Config, groups: Groups, section: str) -> None:
    """`section` is the class that has the traits for groups."""
    c.Authenticator.manage_groups = groups.uses_groups
    if groups.uses_groups:
        c[section].allowed_groups = set(groups.allowed_groups)
        c[section].admin_groups = set(groups.admin_groups)
