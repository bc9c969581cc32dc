"""Lists of people in the settings, by the names that the hub has for them."""

from ..config import Settings
from .hub_name import hub_name
from .rule import canonical


def with_hub_names(settings: Settings) -> Settings:
    """The settings with people of groups, profiles, roles and limits as the hub calls them.

    Who may be written as an address in `auth.users` may be so everywhere.
    """
    usernames = getattr(settings.auth, "usernames", None)
    known = {canonical(person): name for person, name in usernames.map.items()} if usernames else {}
    emails = bool(usernames and usernames.from_email)
    domains = frozenset(usernames.domains) if usernames else frozenset()

    def name(person: str) -> str:
        return hub_name(person, known, emails, domains)

    def names(people: list[str]) -> list[str]:
        return list(dict.fromkeys(map(name, people)))

    groups = {
        group: one.model_copy(update={"members": names(one.members)})
        for group, one in settings.groups.items()
    }
    profiles = [one.model_copy(update={"users": names(one.users)}) for one in settings.spawner.profiles]
    roles = [one.model_copy(update={"users": names(one.users)}) for one in settings.access.roles]
    return settings.model_copy(
        update={
            "groups": groups,
            "users": {name(person): one for person, one in settings.users.items()},
            "spawner": settings.spawner.model_copy(update={"profiles": profiles}),
            "access": settings.access.model_copy(update={"roles": roles}),
        }
    )
