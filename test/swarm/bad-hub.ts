/** Steps of the Swarm's story: a new hub that does not start. */
import assert from "node:assert/strict";
import type Docker from "dockerode";

import type { Deployment } from "../e2e/deployment";
import type { HubClient } from "../e2e/hub-client";
import { until } from "./shell";

/** What the story has at this point. */
export interface BadHubStory {
  readonly deployment: Deployment;
  readonly manager: Docker;
  readonly alice: HubClient;
  /** Has alice log in, whom the step before may have left with another certificate. */
  readonly logIn: () => Promise<void>;
  /** Writes the configuration with more keys. */
  readonly configure: (more: Readonly<Record<string, unknown>>) => Promise<void>;
}

export function badHub(story: () => BadHubStory): void {
  const withCode = (text: string) => story().configure({ hub: { extraConfig: { kind: "text", text } } });

  const hub = async () => {
    const { manager, deployment } = story();
    return (await manager.getService(`${deployment.name}-hub`).inspect()) as {
      Spec: { TaskTemplate: { ContainerSpec: { Image: string; Configs: { ConfigName: string }[] } } };
    };
  };

  /** Ids of the containers of a name, running or not. */
  const containers = async (name: string, status?: string) => {
    const filters = { name: [`${story().deployment.name}-${name}`], ...(status ? { status: [status] } : {}) };
    return (await story().manager.listContainers({ all: true, filters })).map(({ Id }) => Id);
  };

  const hubAnswers = async () => (await story().alice.api("hub/api")).status === 200;

  it("a new hub that would not start: the update ends with the reason, and the service is not touched", async () => {
    const { deployment, logIn } = story();
    await logIn();
    const before = await hub();
    const running = await containers("hub.", "running");
    assert.equal(running.length, 1);
    await withCode('x = 1\nraise RuntimeError("bad day")\n');
    const { output, code } = await deployment.up([], { ok: false });
    assert.equal(code, 1, output);
    const [, told = ""] = output.split("The update failed:\n");
    assert.match(told, /^ {2}hub-trial-run: hub\.extraConfig: \S+: line 2: RuntimeError: bad day\n/, output);
    assert.deepEqual((await hub()).Spec, before.Spec);
    assert.deepEqual(await containers("hub.", "running"), running);
    assert.deepEqual(await containers("hub-trial"), []);
    assert.ok(await hubAnswers());
  });

  it("a new hub that fails only when it serves: Swarm goes back to the last good one, and ./up says so", async () => {
    const { deployment } = story();
    const before = await hub();
    await withCode(
      'import os\nif "JUPYTERHUB_TRIAL" not in os.environ:\n    raise RuntimeError("for real")\n',
    );
    const { output, code } = await deployment.up([], { ok: false });
    assert.equal(code, 1, output);
    assert.match(output, /Swarm has rolled the service back: the one from before this update runs again\./);
    assert.match(output, /line 3: RuntimeError: for real/);
    await until("the hub answers", 120_000, () => hubAnswers().catch(() => false));
    assert.deepEqual((await hub()).Spec.TaskTemplate, before.Spec.TaskTemplate);
    await story().configure({});
    await deployment.up();
    assert.ok(await hubAnswers());
    await deployment.up(["--expect-no-changes"]);
  });
}
