export const prefix = "jupyterhub-test";

export const logging = { maxSize: "10m", maxFiles: 3 };

/** What all services have in common. */
export const service = (role: string) => ({
  name: `${prefix}-${role}`,
  labels: [
    { label: "org.jupyterhub.role", value: role },
    { label: "org.jupyterhub.stack", value: prefix },
  ],
  restart: "unless-stopped",
  init: true,
  logDriver: "json-file",
  logOpts: { "max-size": "10m", "max-file": "3" },
  capabilities: { drops: ["ALL"] },
  securityOpts: ["no-new-privileges:true"],
  networkMode: "bridge",
  wait: true,
});

/** A container that writes files into volumes and ends. */
export const runOnce = (role: string, volumes: object[]) => ({
  name: `${prefix}-${role}`,
  image: "sha256:pulled-proxy-image",
  entrypoints: ["/bin/sh", "-ec"],
  user: "0:0",
  networkMode: "none",
  labels: [
    { label: "org.jupyterhub.role", value: role },
    { label: "org.jupyterhub.stack", value: prefix },
  ],
  capabilities: { adds: ["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER"], drops: ["ALL"] },
  securityOpts: ["no-new-privileges:true"],
  logDriver: "json-file",
  logOpts: { "max-size": "10m", "max-file": "3" },
  restart: "no",
  volumes,
  attach: true,
  mustRun: false,
});

export interface Upload {
  readonly file: string;
  readonly content?: string | { readonly secret: string };
  readonly contentBase64?: string;
  readonly permissions: string;
}
