/** The stack's configuration as Pulumi hands it over. Nothing else reads `pulumi.Config`. */
import * as pulumi from "@pulumi/pulumi";

import { formatErrors } from "./errors";
import { machine } from "./machine";
import { parseConfig } from "./parse";
import type { DockerConfig, HubConfig, TlsConfig } from "./types";

/**
 * The checked configuration of the current stack; warnings go to Pulumi's log.
 *
 * @throws pulumi.RunError with all errors of the configuration in one message, shown without a stack trace.
 */
export function loadConfig(): HubConfig {
  const project = pulumi.getProject();
  const stack = pulumi.getStack();
  const prefix = `${project}:`;
  const values = pulumi.runtime.allConfig();
  const names = Object.keys(values).filter((key) => key.startsWith(prefix));
  const result = parseConfig(
    Object.fromEntries(names.map((key) => [key.slice(prefix.length), values[key]])),
    {
      project,
      stack,
      now: new Date(),
      ...machine,
      secretKeys: new Set(names.filter(isSecret).map((key) => key.slice(prefix.length))),
    },
  );
  if ("errors" in result) {
    throw new pulumi.RunError(formatErrors(result.errors, stack));
  }
  for (const warning of result.warnings) {
    void pulumi.log.warn(warning);
  }
  const { config } = result;
  const secrets = Object.fromEntries(
    Object.entries(config.secrets).map(([name, { value, readers }]) => [
      name,
      { value: pulumi.secret(value), readers },
    ]),
  );
  // Of the same variant: what is put in hides values, and changes none.
  return Object.freeze({
    ...config,
    tls: hideKey(config.tls),
    docker: hideDockerKey(config.docker),
    secrets: Object.freeze(secrets),
  }) as HubConfig;
}

/** Whether a key is marked secret. The SDK's own function is not in its types; without it every value is hidden. */
function isSecret(key: string): boolean {
  const runtime = pulumi.runtime as { readonly isConfigSecret?: (key: string) => boolean };
  return runtime.isConfigSecret?.(key) ?? true;
}

/** The private key leaves as a secret output: encrypted in the state, never shown. */
function hideKey(tls: TlsConfig<string>): TlsConfig {
  return tls.kind === "files" ? Object.freeze({ ...tls, keyPem: pulumi.secret(tls.keyPem) }) : tls;
}

function hideDockerKey({ tls, ...docker }: DockerConfig<string>): DockerConfig {
  if (tls === undefined) {
    return Object.freeze(docker);
  }
  return Object.freeze({ ...docker, tls: Object.freeze({ ...tls, keyPem: pulumi.secret(tls.keyPem) }) });
}
