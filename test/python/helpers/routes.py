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


build = partial(document, entry_point="websecure", targets=TARGETS)


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
    text, refused = document({str(at): route for at, route in enumerate(routes)}, "websecure", targets)
    return json.loads(text), refused
