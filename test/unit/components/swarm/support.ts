import * as docker from "@pulumi/docker";

export const prefix = "jupyterhub-test";

export const logging = { maxSize: "10m", maxFiles: 3 };

export const image = "registry:5000/hub@sha256:1";

export const auth = { serverAddress: "registry:5000", username: "me", password: "hidden" };

export const firewall = { service: "jupyterhub-test-firewall", gate: "/dev/shm/jupyterhub_1" };

export function networks() {
  return {
    notebooks: new docker.Network("notebooks", { name: "n" }),
    control: new docker.Network("control", { name: "c" }),
  };
}

export interface ServiceInputs {
  readonly taskSpec: {
    readonly containerSpec: Record<string, unknown> & {
      readonly mounts: unknown;
      readonly configs: readonly { readonly configId: string }[];
    };
    readonly networksAdvanceds: unknown;
    readonly restartPolicy: unknown;
    readonly placement: unknown;
  };
  readonly mode: unknown;
  readonly endpointSpec: unknown;
  readonly auth: unknown;
}
