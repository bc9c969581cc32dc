/** A hub of an older JupyterHub, as the reference deployment with Docker Compose has it, with a Traefik of its own. */
import { randomBytes } from "node:crypto";
import Docker from "dockerode";
import { pack } from "tar-stream";

import { freePorts } from "./deployment";
import { HubClient } from "./hub-client";
import { inside } from "./inside";
import { until } from "./until";

const DOCKERFILE = `FROM traefik:v3.7.15 AS traefik
FROM debian:trixie-slim AS base
RUN apt-get update \\
    && apt-get install --yes --no-install-recommends ca-certificates python3 \\
    && rm -rf /var/lib/apt/lists/*
RUN apt-get update && apt-get install --yes --no-install-recommends python3-venv
RUN python3 -m venv /opt/four && /opt/four/bin/pip install --no-cache-dir jupyterhub==4.1.6 sqlalchemy==2.0.36
RUN python3 -m venv /opt/five && /opt/five/bin/pip install --no-cache-dir \\
      jupyterhub==5.4.6 dockerspawner==14.0.0 jupyterhub-traefik-proxy==2.1.0
COPY --from=traefik /usr/local/bin/traefik /usr/local/bin/traefik
ENV PATH=/opt/five/bin:/usr/local/bin:/usr/bin:/bin
COPY jupyterhub_config.py /srv/jupyterhub/
WORKDIR /srv/jupyterhub
CMD ["jupyterhub", "-f", "/srv/jupyterhub/jupyterhub_config.py"]
`;

/** Everything in it is of the reference deployment but the login and the proxy. */
const CONFIG = `
import os
c = get_config()
c.JupyterHub.spawner_class = "dockerspawner.DockerSpawner"
c.DockerSpawner.image = "quay.io/jupyter/base-notebook:2024-01-01"
c.DockerSpawner.network_name = os.environ["DOCKER_NETWORK_NAME"]
c.DockerSpawner.use_internal_ip = True
c.DockerSpawner.notebook_dir = os.environ["DOCKER_NOTEBOOK_DIR"]
c.DockerSpawner.volumes = {"{username}": os.environ["DOCKER_NOTEBOOK_DIR"]}
c.DockerSpawner.mem_limit = "512M"
c.DockerSpawner.environment = {"API_KEY": "of-nobodys-business"}
c.JupyterHub.cookie_secret_file = "/data/jupyterhub_cookie_secret"
c.JupyterHub.db_url = "sqlite:////data/jupyterhub.sqlite"
c.JupyterHub.authenticator_class = "dummy"
c.DummyAuthenticator.password = "old-password"
c.Authenticator.allow_all = True
c.Authenticator.admin_users = {os.environ["JUPYTERHUB_ADMIN"]}
c.JupyterHub.proxy_class = "traefik_file"
c.TraefikProxy.traefik_api_password = "x" * 20
# By its address: "localhost" is ::1 as well, which a container without IPv6 does not have.
c.TraefikProxy.traefik_api_url = "http://127.0.0.1:8099"
c.JupyterHub.tornado_settings = {"slow_spawn_timeout": 5}
print("a line of the configuration's own")
`;

/** As the hub leaves it while somebody's server runs. */
const SPAWNED = `
import json, sqlite3, sys
database = sqlite3.connect("/data/jupyterhub.sqlite", timeout=30)
state = json.dumps({"object_id": "f" * 64, "object_name": "jupyter-" + sys.argv[1]})
user = database.execute("SELECT id FROM users WHERE name = ?", sys.argv[1:]).fetchone()[0]
server = database.execute("INSERT INTO servers (proto, ip, port, base_url, cookie_name) VALUES ('http', '172.31.255.9', 8888, ?, 'x')", [f"/user/{sys.argv[1]}/"]).lastrowid
database.execute("DELETE FROM spawners WHERE user_id = ?", [user])
database.execute("INSERT INTO spawners (user_id, server_id, state, name) VALUES (?, ?, ?, '')", [user, server, state])
database.commit()
`;

/** A database of JupyterHub 4 with people in it, one of them with a server. */
const FOUR = `
import json, sys
from jupyterhub import dbutil, orm
url = "sqlite:////data/four.sqlite"
session = orm.new_session_factory(url)()
for name in sys.argv[1:]:
    session.add(orm.User(name=name))
session.commit()
user = orm.User.find(session, sys.argv[1])
server = orm.Server(ip="172.31.255.9", port=8888, base_url=f"/user/{sys.argv[1]}/")
state = {"object_id": "e" * 64, "object_name": "jupyter-" + sys.argv[1]}
session.add(orm.Spawner(user=user, name="", server=server, state=state))
session.commit()
`;

export class OldHub {
  private constructor(
    readonly docker: Docker,
    readonly name: string,
    readonly port: number,
    private readonly image: string,
  ) {}

  /** @param people whose homes are there, with a file in each */
  static async create(people: readonly string[], admin: string): Promise<OldHub> {
    const docker = new Docker();
    const name = `old-${randomBytes(4).toString("hex")}`;
    const context = pack();
    context.entry({ name: "Dockerfile" }, DOCKERFILE);
    context.entry({ name: "jupyterhub_config.py" }, CONFIG);
    context.finalize();
    const stream = await docker.buildImage(context, { t: `${name}:1`, version: "2" });
    await new Promise<void>((resolve, reject) => {
      docker.modem.followProgress(stream, (error, events: { error?: string }[] | null) => {
        const problem = error?.message ?? events?.find((event) => event.error !== undefined)?.error;
        if (problem === undefined) {
          resolve();
        } else {
          reject(new Error(problem));
        }
      });
    });
    const [port = 0] = await freePorts(1);
    const old = new OldHub(docker, name, port, `${name}:1`);
    try {
      await old.start(people, admin);
    } catch (error) {
      await old.remove(people);
      throw error;
    }
    return old;
  }

  private async start(people: readonly string[], admin: string): Promise<void> {
    const { docker, name, port } = this;
    await docker.createNetwork({ Name: name });
    await docker.createVolume({ Name: `${name}-data` });
    for (const person of people) {
      await docker.createVolume({ Name: person });
      await this.server(person);
      await inside(docker.getContainer(`jupyter-${person}`), "sh", "-c", OldHub.write(person));
    }
    const hub = await docker.createContainer({
      name,
      Image: `${name}:1`,
      Env: [
        `DOCKER_NETWORK_NAME=${name}`,
        "DOCKER_NOTEBOOK_DIR=/home/jovyan/work",
        `JUPYTERHUB_ADMIN=${admin}`,
      ],
      ExposedPorts: { "8000/tcp": {} },
      HostConfig: {
        Binds: [`${name}-data:/data`],
        NetworkMode: name,
        PortBindings: { "8000/tcp": [{ HostIp: "127.0.0.1", HostPort: String(port) }] },
        RestartPolicy: { Name: "always" },
      },
    });
    await hub.start();
    await until("the old hub answers", async () => (await this.answers()) === 200, 120_000);
  }

  private static readonly write = (person: string): string =>
    `echo "old file of ${person}" >/home/jovyan/work/old.txt && chown -R 1000:100 /home/jovyan/work`;

  /** Somebody's server, as far as it is in the way of another: it has the home. */
  private async server(person: string): Promise<void> {
    const container = await this.docker.createContainer({
      name: `jupyter-${person}`,
      Image: "debian:trixie-slim",
      Cmd: ["sleep", "3600"],
      HostConfig: { Binds: [`${person}:/home/jovyan/work`], NetworkMode: this.name, Init: true },
    });
    await container.start();
  }

  /** The status of its login page; 0 where nothing answers. */
  answers(): Promise<number> {
    return fetch(`http://127.0.0.1:${this.port}/hub/login`).then(
      ({ status }) => status,
      () => 0,
    );
  }

  /** Logs somebody in, as a browser does. */
  async login(person: string): Promise<HubClient> {
    const client = new HubClient(`http://localhost:${this.port}/`, "", person);
    if (!(await client.login("old-password"))) {
      throw new Error(`the old hub refuses ${person}`);
    }
    return client;
  }

  /** Notes somebody's server in the database, as it is while it runs. */
  async noteServer(person: string): Promise<void> {
    await inside(this.container, "python3", "-c", SPAWNED, person);
  }

  /** The content of a database of JupyterHub 4. */
  async four(...people: string[]): Promise<NodeJS.ReadableStream> {
    await inside(this.container, "/opt/four/bin/python", "-c", FOUR, ...people);
    return this.container.getArchive({ path: "/data/four.sqlite" });
  }

  get container(): Docker.Container {
    return this.docker.getContainer(this.name);
  }

  async remove(people: readonly string[]): Promise<void> {
    for (const name of [this.name, ...people.map((one) => `jupyter-${one}`)]) {
      await this.docker
        .getContainer(name)
        .remove({ force: true })
        .catch(() => undefined);
    }
    await this.docker
      .getNetwork(this.name)
      .remove()
      .catch(() => undefined);
    for (const name of [`${this.name}-data`, ...people]) {
      await this.docker
        .getVolume(name)
        .remove()
        .catch(() => undefined);
    }
    await this.docker
      .getImage(this.image)
      .remove({ force: true })
      .catch(() => undefined);
  }
}
