/**
 * The settings files of the hub: test/python reads the same files with the models of the hub's package. A file that changes
 * replaces people's hubs.
 */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { type DockerWiring, renderSettings, type Wiring } from "../../../components/hub/settings";
import { splitSettings } from "../../../components/hub/settings/people";
import { swarmStorage } from "../../../components/swarm/storage";
import type { Variant } from "../../../config";
import { compareWithFixture } from "../../fixtures";
import { programConfig } from "../components/config";
import type { Run } from "../components/harness";
import { type StackRunner, stackRunner } from "./stack-run";
import { files, least, logins, rich } from "./written";

const FOLDER = "hub-settings";
const PATH = "/etc/jupyterhub/config.json";

/** Text of the settings file in what was registered: a container's upload, or a configuration of a service. */
function registeredText({ find, registrations }: Pick<Run<unknown>, "find" | "registrations">): string {
  const config = registrations.find(({ name }) => name.endsWith("-hub-etc-jupyterhub-config-json"));
  if (config !== undefined) {
    return Buffer.from(config.inputs["data"] as string, "base64").toString();
  }
  const { uploads } = find("hub-container").inputs as { uploads: { file: string; content: string }[] };
  const found = uploads.find(({ file }) => file === PATH);
  assert.ok(found, `no ${PATH} among the files of the hub`);
  return found.content;
}

/** Text of the file with people's settings; undefined where it is none of its own. */
function registeredPeople({ registrations }: Pick<Run<unknown>, "registrations">): string | undefined {
  const file = registrations.find(({ name }) => name === "hub-people-file-file-container");
  const { uploads = [] } = (file?.inputs ?? {}) as { uploads?: { content: string }[] };
  return uploads[0]?.content;
}

/** Compares what the stack makes with a fixture, in which both files are one. */
function compareMade(fixture: string, run: Run<unknown>): void {
  const people = registeredPeople(run);
  if (people === undefined) {
    compare(fixture, registeredText(run));
    return;
  }
  const whole = readFileSync(join(__dirname, "..", "..", "fixtures", FOLDER, `${fixture}.json`), "utf8");
  const wanted = splitSettings(JSON.stringify(JSON.parse(whole)), true);
  assert.deepEqual({ own: registeredText(run), people }, wanted);
}

const name = "jupyterhub-dev";
const made = {
  publicUrl: "https://hub.example.org/",
  dockerHost: "tcp://docker-filter:2375",
  proxyApiUrl: "http://proxy-api:8099",
  network: `${name}-notebooks`,
  ofProfiles: {},
};
const onOneHost: DockerWiring = {
  ...made,
  kind: "docker",
  visitors: { proxies: ["10.193.72.3"], trusted: [] },
  image: "sha256:built-notebook-image-settings",
};
const inSwarm = programConfig({ ...least.swarm, auth: logins.anonymous });

/** What each stack makes of the least: that it does so is seen with one kind of login. */
const wirings: { readonly [V in Variant]: Wiring } = {
  "single-host": onOneHost,
  lockdown: { ...onOneHost, lockdown: { dns: ["127.0.0.1"] } },
  swarm: {
    ...made,
    kind: "swarm",
    visitors: { proxies: ["proxy"], trusted: [] },
    image: "sha256:built-images-notebook",
    storage: swarmStorage(name, inSwarm.storage, { kind: "shared-path", path: "/mnt/homes" }),
    prePullers: { "sha256:built-images-notebook": `${name}-pre-puller` },
    firewall: { service: `${name}-firewall`, gate: "/dev/shm/jupyterhub_fa7d8829" },
    redisUrl: "redis://redis:6379",
  },
};

const variants = Object.keys(least) as Variant[];
const byLogin = variants.flatMap((variant) =>
  Object.entries(logins).map(([kind, auth]) => ({ variant, kind, written: { ...least[variant], auth } })),
);

/** @param text of the file. That there is nothing between the values cannot be seen in the fixture. */
function compare(fixture: string, text: string): void {
  const value: unknown = JSON.parse(text);
  assert.equal(text, JSON.stringify(value));
  compareWithFixture(join(FOLDER, `${fixture}.json`), value);
}

describe("the settings file of the hub", () => {
  for (const { variant, kind, written } of byLogin) {
    it(`is as it was: ${variant}, ${kind}`, () => {
      const text = renderSettings(programConfig(written, files), wirings[variant]);
      compare(`${variant}-${kind}`, text);
    });
  }

  describe("as the stack makes it", () => {
    let runner: StackRunner;
    before(async () => {
      runner = await stackRunner();
    });
    after(() => runner.close());

    for (const variant of variants) {
      it(`is as it was: the least of ${variant}`, async () => {
        const written = { ...least[variant], auth: logins["shared-password"] };
        compareMade(`${variant}-shared-password`, await runner.make(written, files));
      });
      it(`is as it was: much in ${variant}`, async () => {
        compareMade(`${variant}-rich`, await runner.make(rich[variant], files));
      });
    }
  });

  it("has a fixture for each variant and kind of login, and no other", () => {
    assert.deepEqual(
      readdirSync(join(__dirname, "..", "..", "fixtures", FOLDER)).sort(),
      [
        ...byLogin.map(({ variant, kind }) => `${variant}-${kind}.json`),
        ...variants.map((variant) => `${variant}-rich.json`),
      ].sort(),
    );
  });
});
