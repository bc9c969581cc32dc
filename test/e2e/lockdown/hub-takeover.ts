import assert from "node:assert/strict";

import { collect } from "../../../tasks/self-check/facts";
import { notebookLike } from "../../../tasks/self-check/run";
import type { Stage } from "./stage";

/** Sends calls to the Docker API as the hub reaches it; prints the status of each. */
const SCRIPT = `
import http.client, json, sys
statuses = []
for method, path, body in json.loads(sys.argv[1]):
    api = http.client.HTTPConnection("docker-filter", 2375, timeout=20)
    text = None if body is None else json.dumps(body)
    api.request(method, "/v1.40" + path, text, {"Content-Type": "application/json"})
    statuses.append(api.getresponse().status)
print(json.dumps(statuses))
`;

type Call = readonly [method: string, path: string, body?: object];

/** What whoever has taken over the hub can do to the Docker host. */
export function hubTakeoverTests(stage: () => Stage): void {
  it("keeps the Docker host from whoever takes over the hub", async () => {
    const { docker, name } = stage().deployment;
    const facts = await collect(docker, name);
    const { HostConfig, ...like } = notebookLike(facts);
    const labels = (role: string, person = "mallory") => ({
      "org.jupyterhub.stack": name,
      "org.jupyterhub.role": role,
      "org.jupyterhub.user": person,
    });
    const home = `${name}-home-mallory`;
    const usual = {
      ...HostConfig,
      Binds: [`${home}:/home/jovyan:rw`],
      LogConfig: { Type: "json-file", Config: { "max-size": "10m", "max-file": "2" } },
    };
    const server = { ...like, HostConfig: usual, Labels: labels("user"), Volumes: { "/home/jovyan": {} } };
    const create = `/containers/create?name=${name}-user-mallory`;
    const host = (more: object) => ({ ...server, HostConfig: { ...usual, ...more } });
    const volume = (person: string, more: object = {}) => ({
      Name: `${name}-home-${person}`,
      Labels: labels("home", person),
      ...more,
    });
    const ask = async (calls: readonly Call[]) => {
      const list = JSON.stringify(calls.map(([method, path, body]) => [method, path, body ?? null]));
      const printed = await stage().exec(stage().container("hub"), "python3", "-c", SCRIPT, list);
      return JSON.parse(printed) as number[];
    };
    // The control: what the hub does every day works, in the same way.
    const daily: Call[] = [
      ["POST", create, server],
      ["GET", `/containers/${name}-user-mallory/json`],
      ["DELETE", `/containers/${name}-user-mallory?v=1`],
      ["POST", "/volumes/create", volume("mallory")],
    ];
    try {
      assert.deepEqual(await ask(daily), [201, 200, 204, 201]);
    } finally {
      await docker.getVolume(home).remove();
    }

    const attacks: Call[] = [
      ["POST", create, host({ Privileged: true })],
      ["POST", create, host({ NetworkMode: "host" })],
      ["POST", create, host({ NetworkMode: `${name}-control` })],
      ["POST", create, host({ PidMode: "host" })],
      ["POST", create, host({ IpcMode: "host" })],
      ["POST", create, host({ UsernsMode: "host" })],
      ["POST", create, host({ CapAdd: ["SYS_ADMIN"] })],
      ["POST", create, host({ CapDrop: [] })],
      ["POST", create, host({ SecurityOpt: ["no-new-privileges:true", "seccomp=unconfined"] })],
      ["POST", create, host({ Devices: [{ PathOnHost: "/dev/sda", PathInContainer: "/dev/sda" }] })],
      ["POST", create, host({ Binds: ["/:/host"] })],
      ["POST", create, host({ Binds: ["/var/run/docker.sock:/docker.sock"] })],
      ["POST", create, host({ Binds: [`${name}-hub-data:/hub`] })],
      ["POST", create, host({ Mounts: [{ Type: "bind", Source: "/", Target: "/host" }] })],
      ["POST", create, host({ Memory: 2 ** 40, MemorySwap: 2 ** 40 })],
      ["POST", create, host({ PidsLimit: 10 ** 6 })],
      ["POST", create, host({ Dns: ["1.1.1.1"] })],
      ["POST", create, { ...server, User: "0:0" }],
      ["POST", create, { ...server, Image: facts.ownImage }],
      ["POST", create, { ...server, Labels: {} }],
      ["POST", "/containers/create?name=evil", server],
      ["POST", "/volumes/create", volume("mallory", { DriverOpts: { o: "bind", device: "/" } })],
      ...[".", "..", "a.b", "A", "-"].flatMap((person): Call[] => [
        ["POST", "/volumes/create", volume(person)],
        ["POST", create, host({ Binds: [`${name}-home-${person}:/h:rw`] })],
        [
          "POST",
          `/containers/create?name=${name}-user-${person}`,
          { ...server, Labels: labels("user", person) },
        ],
      ]),
      ["POST", create, host({ Binds: [`${home}:/home/jovyan`, `${name}-home-alice:/alice`] })],
      [
        "POST",
        create,
        host({ LogConfig: { Type: "json-file", Config: { "max-size": "9g", "max-file": "9" } } }),
      ],
      ["POST", create, { ...server, Labels: labels("user", "alice") }],
      ["POST", create, { ...server, Labels: { ...labels("user"), "traefik.enable": "true" } }],
      ["POST", create, { ...server, User: "1001:999" }],
      // The engine would copy the whole image into a volume without a name.
      ["POST", create, { ...server, Volumes: { "/": {} } }],
      ["GET", "/containers/json"],
      ["GET", "/info"],
      ["POST", "/build"],
      ["POST", "/images/create?fromImage=evil"],
      ["POST", `/networks/${name}-control/connect`, { Container: `${name}-user-alice` }],
      ["POST", `/containers/${name}-user-alice/exec`, { Cmd: ["id"], User: "0", Privileged: true }],
      ["POST", `/containers/${name}-docker-filter/stop`],
      ["POST", `/containers/${name}-firewall/stop`],
      ["DELETE", `/containers/${name}-firewall?force=1`],
      ["GET", `/containers/${name}-docker-filter/archive?path=/etc`],
    ];
    const statuses = await ask(attacks);
    const open = attacks.filter((_call, index) => statuses[index] !== 403);
    assert.deepEqual(open, []);
    const names = (await docker.listContainers({ all: true })).flatMap(({ Names }) => Names);
    assert.ok(!names.some((one) => /evil|mallory/.test(one)), names.join(" "));
  });
}
