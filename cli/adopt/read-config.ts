/** What an older hub says of itself: its configuration and its people, read by its own Python in its own container. */
import { posix } from "node:path";
import type Docker from "dockerode";
import { z } from "zod";

import { runIn } from "../../docker-api/exec";
import { SetupError } from "../../setup/errors";

/** Seconds. A configuration may ask services for something. */
const LONGEST = 60;

/** Before the answer: a configuration may print something of its own. */
const MARK = "jupyterhub-on-docker-adopt:";

/**
 * Runs the configuration as the hub does at each start, and looks at the database. Values that may be secret stay in the
 * container: of them only the names are told.
 */
const PROGRAM = `
import json, os, re, sys
path = sys.argv[1]
from traitlets.config.loader import PyFileConfigLoader
import jupyterhub, sqlalchemy
c = PyFileConfigLoader(os.path.basename(path), os.path.dirname(path)).load_config()
SECRET = re.compile("secret|token|password|key|environment", re.I)
def plain(value):
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, dict):
        return {str(name): plain(one) for name, one in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        found = [plain(one) for one in value]
        return sorted(found, key=str) if isinstance(value, (set, frozenset)) else found
    if isinstance(value, type):
        return value.__module__ + "." + value.__name__
    return None
config = {
    section: {
        name: None if SECRET.search(name) and not name.endswith("_file") else plain(value)
        for name, value in c[section].items()
    }
    for section in c
}
hub = c.get("JupyterHub", {})
url = hub.get("db_url", "sqlite:///jupyterhub.sqlite")
if "://" not in url:
    url = "sqlite:///" + url
made = sqlalchemy.engine.make_url(url)
sqlite = os.path.abspath(made.database) if made.drivername.startswith("sqlite") and made.database else None
users, schema, problem = [], None, None
try:
    if sqlite and not os.path.exists(sqlite):
        raise OSError("it does not exist")
    with sqlalchemy.create_engine(made).connect() as database:
        ask = lambda text: database.execute(sqlalchemy.text(text)).fetchall()
        users = [[row[0], bool(row[1])] for row in ask("SELECT name, admin FROM users ORDER BY name")]
        schema = ask("SELECT version_num FROM alembic_version")[0][0]
except Exception as error:
    problem = type(error).__name__ if sqlite is None else str(error).split(chr(10))[0]
secret = os.path.abspath(hub.get("cookie_secret_file", "jupyterhub_cookie_secret"))
print("${MARK}" + json.dumps({
    "version": jupyterhub.__version__,
    "config": config,
    "database": {"kind": made.get_backend_name(), "file": sqlite, "schema": schema, "users": users, "problem": problem},
    "cookieSecretFile": secret if os.path.exists(secret) else None,
}))
`;

const value = z.json();
const answer = z.object({
  version: z.string(),
  config: z.record(z.string(), z.record(z.string(), value)),
  database: z.object({
    kind: z.string(),
    file: z.string().nullable(),
    schema: z.string().nullable(),
    /** Name, and whether an administrator. */
    users: z.array(z.tuple([z.string(), z.boolean()])),
    problem: z.string().nullable(),
  }),
  cookieSecretFile: z.string().nullable(),
});

export type Value = z.infer<typeof value>;

/** What the hub's own Python says. */
export type OldHub = z.infer<typeof answer>;

/** Where the configuration is, by the command of the hub's container. */
export function configPath(command: readonly string[], workingDir: string): string {
  // A shell has all of it in one word.
  const words = command.flatMap((word) => word.split(/\s+/));
  for (const [at, word] of words.entries()) {
    const joined = /^(?:--config=|--config_file=|--JupyterHub\.config_file=|-f=?)(?<path>.+)$/.exec(word)
      ?.groups?.["path"];
    const path = joined ?? (word === "-f" || word === "--config" ? words[at + 1] : undefined);
    if (path !== undefined) {
      return posix.resolve(workingDir || "/", path);
    }
  }
  return posix.resolve(workingDir || "/", "jupyterhub_config.py");
}

/** @throws SetupError where the container has no Python with JupyterHub, or the configuration fails */
export async function readOldHub(docker: Docker, found: Docker.ContainerInspectInfo): Promise<OldHub> {
  const name = found.Name.replace(/^\//, "");
  if (!found.State.Running) {
    throw new SetupError(
      `adopt: expected the hub's container ${name} to be running, so that its own Python can read its configuration.`,
      `docker start ${name}`,
    );
  }
  const { Cmd: arguments_, Entrypoint: entrypoint, WorkingDir: folder } = found.Config;
  const path = configPath([...[entrypoint ?? []].flat(), ...((arguments_ as string[] | null) ?? [])], folder);
  const ended = await runIn(docker.getContainer(found.Id), ["python3", "-c", PROGRAM, path], LONGEST);
  const line = ended.output.split("\n").find((one) => one.startsWith(MARK));
  if (ended.code !== 0 || line === undefined) {
    const last = ended.log.trim().split("\n").at(-1) ?? "";
    throw new SetupError(
      `adopt: expected a JupyterHub with the configuration ${path} in the container ${name}, but reading it failed: ` +
        (last || `exit code ${String(ended.code)}`),
    );
  }
  return answer.parse(JSON.parse(line.slice(MARK.length)));
}
