"""Routes that a hub notes, and where they may lead to."""

import json
from functools import partial

from jupyterhub_on_docker.routes.settings import Targets
from jupyterhub_on_docker.routes.table import document

TARGETS = Targets.model_validate(
    {"networks": ["10.200.12.0/22"], "names": ["hub", "report"], "prefix": "jh-user-"}
)
HUB = {"routespec": "/", "target": "http://hub:8081", "data": {"hub": True}}
ALICE = {"routespec": "/user/alice/", "target": "http://10.200.12.7:8888", "data": {"user": "alice"}}


AWAY = "http://routes:8095"

build = partial(document, entry_point="websecure", targets=TARGETS, away=AWAY)


EARLIER = """
[http.routers.route_api]
rule = "Host(`proxy-api`) && PathPrefix(`/api`)"
entryPoints = [ "api",]
service = "api@internal"
middlewares = [ "auth_api",]

[jupyterhub.routes.router__2F]
routespec = "/"
target = "http://hub:8081"
router = "router__2F"
service = "service__2F"

[jupyterhub.routes.router__2F.data]
hub = true

[jupyterhub.routes.router__2Fuser_2Falice_2F]
routespec = "/user/alice/"
target = "http://10.200.12.7:8888"
router = "router__2Fuser_2Falice_2F"
service = "service__2Fuser_2Falice_2F"

[jupyterhub.routes.router__2Fuser_2Falice_2F.data]
user = "alice"
server_name = ""
"""


def made(*routes, targets=TARGETS):
    """What is made of routes, without what is there for page loads alone."""
    text, refused = build({str(at): route for at, route in enumerate(routes)}, targets=targets)
    return without_page_loads(json.loads(text)), refused


def without_page_loads(configuration):
    if not configuration:
        return configuration
    http = configuration["http"]
    kept = {
        kind: {name: entry for name, entry in http[kind].items() if not name.startswith("page-")}
        for kind in ("routers", "services")
    }
    return {"http": kept}


def names(text):
    """Names of the routers in a text for Traefik, without those of page loads."""
    return list(without_page_loads(json.loads(text)).get("http", {}).get("routers", {}))
