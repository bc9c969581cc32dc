"""Tokens that somebody made for other people: they go when their maker may not make any more."""

from jupyterhub import orm
from sqlalchemy.orm import Session

LONGEST_NOTE = 700
"""Characters: with the longest name, what the database has room for."""


def ending(maker: str) -> str:
    """What a token's note ends with that somebody else made; JupyterHub's own note does, too."""
    return f" by user {maker}"


def note(token: orm.APIToken, maker: str) -> None:
    """Has a token say who made it."""
    if not (token.note or "").endswith(ending(maker)):
        token.note = f"{(token.note or '')[:LONGEST_NOTE]}{ending(maker)}"


def made_for_others(db: Session, maker: orm.User) -> list[orm.APIToken]:
    found = db.query(orm.APIToken).filter(orm.APIToken.note.endswith(ending(maker.name), autoescape=True))
    # A database may take capitals and small letters for the same.
    return [one for one in found if one.user != maker and one.note.endswith(ending(maker.name))]
