/** Who the hub takes visitors for, and what of Traefik the hub can reach: tried on a running stack. */
import assert from "node:assert/strict";
import { Agent, request } from "undici";

import type { Deployment } from "./deployment";
import { leadingTo } from "./hub-client";
import type { RunningKernel } from "./kernel";
import { until } from "./until";

/** Attempts after which a name is refused, as the suites that use this configure it. */
const ATTEMPTS = 10;

interface Visit {
  readonly domain: string;
  readonly ca: string;
  /** Name that somebody tries to log in as. */
  readonly name: string;
  /** `X-Forwarded-For` of each attempt: a line each. */
  readonly lines: (attempt: number) => readonly string[];
}

/** Tries to log in with a wrong password, as often as said, and returns the hub's answers. */
export async function attempts(deployment: Deployment, { domain, ca, name, lines }: Visit, times: number) {
  const dispatcher = new Agent({ connect: { ca, lookup: leadingTo("127.0.0.1") } });
  const url = `https://${domain}:${deployment.ports.https}/hub/login`;
  const statuses: number[] = [];
  for (let attempt = 0; attempt < times; attempt++) {
    const told = [
      ...lines(attempt).flatMap((line) => ["x-forwarded-for", line]),
      ...["x-real-ip", `198.51.100.${attempt}`],
      ...["forwarded", `for=198.51.100.${attempt};proto=http`],
      ...["cf-connecting-ip", `198.51.100.${attempt}`],
      ...["X_Forwarded_For", `198.51.100.${attempt}`],
    ];
    const page = await request(url, { dispatcher, headers: told });
    await page.body.dump();
    const cookie = [page.headers["set-cookie"] ?? []].flat().find((one) => one.startsWith("_xsrf="));
    assert.ok(cookie, `no cookie: ${page.statusCode}`);
    const [pair = ""] = cookie.split(";");
    const answer = await request(url, {
      method: "POST",
      dispatcher,
      headers: [...told, "cookie", pair, "content-type", "application/x-www-form-urlencoded"],
      body: new URLSearchParams({
        username: name,
        password: "wrong",
        _xsrf: pair.slice("_xsrf=".length),
      }).toString(),
    });
    await answer.body.dump();
    statuses.push(answer.statusCode);
  }
  await dispatcher.close();
  return statuses;
}

/** What the hub's log says in lines with a word. */
async function logged(deployment: Deployment, word: string): Promise<string> {
  const { output } = await deployment.run("docker", ["logs", `${deployment.name}-hub`]);
  return output
    .split("\n")
    .filter((line) => line.includes(word))
    .join("\n");
}

/** A lockout counts by the address that a trusted load balancer tells, whatever a visitor writes to the left of it. */
export async function provesVisitors(
  deployment: Deployment,
  visit: Pick<Visit, "domain" | "ca">,
): Promise<void> {
  const from = (address: string) => (attempt: number) => [`198.51.100.${attempt}`, address];
  const tried = await attempts(
    deployment,
    { ...visit, name: "ghost", lines: from("203.0.113.9") },
    ATTEMPTS + 1,
  );
  assert.deepEqual(tried, [...Array<number>(ATTEMPTS).fill(403), 429]);
  const elsewhere = { ...visit, name: "ghost", lines: from("203.0.113.10") };
  assert.deepEqual(await attempts(deployment, elsewhere, 1), [403], "another visitor is another one");
  await until("the log has the visitor", async () =>
    (await logged(deployment, "203.0.113.9")).includes("ghost"),
  );
  assert.doesNotMatch(await logged(deployment, "POST /hub/login"), /198\.51\.100\./);
}

/** The same at the hub itself, from a notebook server, which is nobody's load balancer. */
export async function provesNotebooks(deployment: Deployment, kernel: RunningKernel): Promise<void> {
  const script = `
import http.client, urllib.parse
statuses = []
for attempt in range(${ATTEMPTS + 1}):
    told = {name: f"198.51.100.{attempt}" for name in ("X-Real-Ip", "X-Forwarded-For", "CF-Connecting-IP")}
    told["Forwarded"] = f"for=198.51.100.{attempt}"
    told["X-Scheme"] = told["X-Forwarded-Proto"] = "https"
    hub = http.client.HTTPConnection("hub", 8081)
    hub.request("GET", "/hub/login", headers=told)
    page = hub.getresponse()
    page.read()
    cookie = next(value for name, value in page.getheaders() if name == "Set-Cookie" and value.startswith("_xsrf="))
    pair = cookie.split(";")[0]
    form = {"username": "phantom", "password": "wrong", "_xsrf": pair[6:]}
    told |= {"Cookie": pair, "Content-Type": "application/x-www-form-urlencoded"}
    hub.request("POST", "/hub/login", urllib.parse.urlencode(form), told)
    answer = hub.getresponse()
    answer.read()
    statuses.append(answer.status)
print(statuses)`;
  assert.equal(await kernel.run(script), `[${[...Array<number>(ATTEMPTS).fill(403), 429].join(", ")}]\n`);
  const log = await logged(deployment, "phantom");
  const { NetworkSettings } = await deployment.docker.getContainer(`${deployment.name}-user-alice`).inspect();
  const own = NetworkSettings.Networks[`${deployment.name}-notebooks`]?.IPAddress ?? "";
  assert.ok(log.includes(own), `${own} is not in the log: ${log}`);
  assert.doesNotMatch(log, /198\.51\.100\./);
}

/** What a hub that was taken over would try: to read the key, and to write for Traefik. */
const TAKEOVER = `
import base64, json, os, pathlib, time, urllib.error, urllib.request
found = []
for folder in ("/srv", "/etc/jupyterhub", "/run/secrets", "/tmp"):
    for path in pathlib.Path(folder).rglob("*"):
        try:
            if path.is_file() and (b"PRIVATE KEY" in (text := path.read_bytes()) or b"edge-logins" in text):
                found.append(str(path))
        except OSError:
            pass
folder = pathlib.Path("/srv/proxy")
noted = json.loads((folder / "routes.json").read_text())
before = (folder / "routes.json").read_text()
evil = {
    "http": {
        "routers": {
            "evil": {"rule": "PathPrefix(\`/hub/login\`)", "priority": 9999999, "service": "api@internal"},
            "edge-login": {"rule": "PathPrefix(\`/x\`)", "service": "noop@internal"},
        },
        "middlewares": {"edge": {"chain": {"middlewares": []}}},
    },
    "tls": {"options": {"default": {"minVersion": "VersionTLS10"}}},
}
for name in ("edge.yml", "evil.yml", "evil.yaml", "tls.yml", "hub.toml"):
    (folder / name).write_text(json.dumps(evil))
routes = dict(noted["routes"])
routes["evil"] = {"routespec": "/evil/", "target": "http://127.0.0.1:8098", "priority": 9999999} | evil
routes["evil2"] = {"routespec": "/evil2/", "target": "http://169.254.169.254"}
routes["evil3"] = {"routespec": "/evil3/\`) || PathPrefix(\`/", "target": "http://hub:8081"}
routes["control"] = {"routespec": "/control/", "target": "http://hub:8081", "middlewares": ["x"], "priority": 9999999}
(folder / "new").write_text(json.dumps({**noted, "routes": routes, **evil}))
os.replace(folder / "new", folder / "routes.json")
password = pathlib.Path("/run/secrets/proxy_api_password").read_text().strip()
def ask(path):
    request = urllib.request.Request("http://proxy-api:8099/api" + path)
    request.add_header("Authorization", "Basic " + base64.b64encode(f"hub:{password}".encode()).decode())
    return json.load(urllib.request.urlopen(request))
end = time.monotonic() + 20
while not any(router["rule"].find("/control") >= 0 for router in ask("/http/routers")):
    assert time.monotonic() < end, "the control has no route"
    time.sleep(0.1)
routers = ask("/http/routers?per_page=1000")
# One for page loads, below the one router of these, and one for all else.
page, control = sorted((one for one in routers if "/control" in one["rule"]), key=lambda one: one["name"])
answer = {
    "found": found,
    "evil": sorted(router["name"] for router in routers if "evil" in json.dumps(router) or "(\`/x\`)" in router["rule"]),
    "login": [router["priority"] for router in routers if router["name"] == "edge-login@file"],
    "edge": next(one for one in ask("/http/middlewares?per_page=1000") if one["name"] == "edge@file")["chain"],
    "control": [control["priority"], control.get("middlewares", []), control["service"]],
    "page": [page["parentRefs"], page["priority"] < 1000, page.get("middlewares", [])],
}
(folder / "new").write_text(before)
os.replace(folder / "new", folder / "routes.json")
for name in ("edge.yml", "evil.yml", "evil.yaml", "tls.yml", "hub.toml"):
    (folder / name).unlink()
print(json.dumps(answer))`;

/** The key of TLS and the settings of the edge are out of reach of the hub, and so is what Traefik makes of routes. */
export async function provesTakeover(deployment: Deployment): Promise<void> {
  const { stdout } = await deployment.run("docker", [
    ...["exec", `${deployment.name}-hub`, "python", "-c"],
    TAKEOVER,
  ]);
  const { control, ...answer } = JSON.parse(stdout) as {
    readonly control: [priority: number, middlewares: string[], service: string];
  };
  assert.deepEqual(answer, {
    found: [],
    evil: [],
    login: [1_000_001],
    edge: { middlewares: ["edge-headers@file"] },
    page: [["page-loads@http"], true, []],
  });
  const [priority, middlewares, service] = control;
  assert.ok(priority < 1000, String(priority));
  assert.ok(
    middlewares.every((name) => name === "edge@file"),
    middlewares.join(),
  );
  assert.equal(service, "service__2Fcontrol_2F");
  const mounts = async (role: string) => {
    const { Mounts } = await deployment.docker.getContainer(`${deployment.name}-${role}`).inspect();
    return Mounts.map(({ Name, RW }) => `${Name}${RW ? "" : " read-only"}`).sort();
  };
  assert.ok(
    (await mounts("proxy")).some((one) => one.startsWith(`${deployment.name}-proxy-settings`)),
    "the control",
  );
  assert.deepEqual(await mounts("hub"), [
    `${deployment.name}-hub-data`,
    `${deployment.name}-hub-people read-only`,
    `${deployment.name}-proxy-routes`,
  ]);
}
