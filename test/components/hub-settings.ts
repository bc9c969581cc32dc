import type { HubSettings } from "../../components/hub/settings";

/** Settings of a small hub, for tests that need some. */
export const hubSettings: HubSettings = {
  prefix: "jupyterhub-test",
  network: "jupyterhub-test-notebooks",
  dockerHost: "tcp://docker-filter:2375",
  proxyApiUrl: "http://proxy-api:8099",
  hub: {
    publicUrl: "https://localhost:8443/",
    baseUrl: "/",
    logLevel: "INFO",
    metrics: "token",
    loginLockout: { attempts: 10, window: 900, duration: 900 },
    extraConfig: null,
  },
  pages: { announcement: {}, files: [] },
  access: { roles: {}, services: {} },
  servers: {
    idle: { timeout: null, maxAge: null, users: false, exceptions: [] },
    shutdownOnLogout: false,
    named: 0,
    concurrentSpawnLimit: 100,
    activeServerLimit: 0,
    startTimeout: 60,
    httpTimeout: 30,
    activityInterval: 300,
    lastActivityInterval: 300,
    disableUserConfig: false,
  },
  auth: { kind: "shared-password", users: ["bob", "alice"], admins: ["root"] },
  database: { kind: "sqlite" },
  notebook: {
    image: "sha256:notebook",
    command: null,
    startPage: "/lab",
    environment: { B: "2", A: "1" },
    limits: { memory: 1024 ** 3, swap: 0, cpus: 0.5, processes: 512 },
    gpus: undefined,
    profiles: [],
    mountPath: "/home/jovyan",
  },
};
