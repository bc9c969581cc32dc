"""People whose rights come and go."""

from jupyterhub import orm
from jupyterhub.roles import assign_default_roles

ADMIN = "admin-password-of-32-characters!!"
USER = "user-password"
GITHUB = {"kind": "github", "clientId": "hub", "clientSecret": "auth_client_secret"}


def names(bearers) -> list[str]:
    return sorted(one.name for one in bearers)


def add(started, name, *groups, admin=False):
    """Somebody who logged in at a service: in the database, with a token, and in groups."""
    db = started.app.db
    user = orm.User(name=name, admin=admin)
    db.add(user)
    db.commit()
    assign_default_roles(db, user)
    for group in groups:
        found = orm.Group.find(db, group)
        if found is None:
            found = orm.Group(name=group)
            db.add(found)
        found.users.append(user)
    db.commit()
    return user.new_api_token()
