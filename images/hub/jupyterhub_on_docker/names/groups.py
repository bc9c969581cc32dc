"""The rule for names of groups, before the calls of the API that make groups."""

from jupyterhub.apihandlers.groups import GroupAPIHandler, GroupListAPIHandler
from tornado.web import HTTPError

from . import rule


def _check(name: object) -> None:
    if problem := rule.group_problem(name):
        raise HTTPError(400, f"The group's name {rule.shown(name)} cannot be used: it {problem}.")


class NewGroups(GroupListAPIHandler):
    """Several at once."""

    async def post(self) -> None:
        body = self.get_json_body()
        names = body.get("groups") if isinstance(body, dict) else None
        if names and not isinstance(names, list):
            raise HTTPError(400, "groups: expected a list of names")
        for name in names or ():
            _check(name)
        await super().post()


class NewGroup(GroupAPIHandler):
    """One, by its address."""

    async def post(self, group_name: str) -> None:
        _check(group_name)
        await super().post(group_name)
