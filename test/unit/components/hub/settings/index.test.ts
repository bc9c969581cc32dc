import assert from "node:assert/strict";
import fc from "fast-check";

import { renderSettings } from "../../../../../components/hub/settings";
import { dockerWiring, hubConfig } from "../../hub-settings";

describe("renderSettings", () => {
  const config = hubConfig();

  it("renders the file that the hub's package reads", () => {
    assert.deepEqual(JSON.parse(renderSettings(config, dockerWiring)), {
      version: 1,
      hub: {
        publicUrl: "https://localhost:8443/",
        baseUrl: "/",
        logLevel: "INFO",
        connectHost: "hub",
        dataDir: "/srv/jupyterhub",
        metrics: "token",
        loginLockout: { attempts: 10, window: 900, duration: 900 },
        extraConfig: null,
        stack: "dev",
      },
      visitors: { proxies: ["10.200.0.3"], trusted: ["10.0.0.0/9", "192.0.2.0/24"] },
      proxy: {
        kind: "traefik-file",
        apiUrl: "http://proxy-api:8099",
        apiUser: "hub",
        routesFile: "/srv/proxy/routes.json",
        entryPoint: "websecure",
      },
      docker: { host: "tcp://docker-filter:2375" },
      database: { kind: "sqlite", path: "/srv/jupyterhub/jupyterhub.sqlite" },
      auth: { admins: ["root"], blocked: [], kind: "shared-password", users: ["alice", "bob"] },
      spawner: {
        kind: "docker",
        image: "sha256:notebook",
        network: "jupyterhub-test-notebooks",
        namePrefix: "jupyterhub-test",
        command: null,
        startPage: "/lab",
        environment: { A: "1", B: "2" },
        limits: { memory: 1073741824, swap: 0, cpus: 0.5, processes: 512 },
        gpus: null,
        profiles: [],
        labels: { "org.jupyterhub.stack": "jupyterhub-test" },
      },
      pages: {
        announcement: { all: null, login: null, home: null, spawn: null, logout: null },
        logo: null,
        templates: null,
      },
      access: { roles: [], services: [] },
      servers: { ...config.servers, idle: null },
      storage: {
        home: {
          volume: { name: "jupyterhub-test-home-{username}", driver: "local", options: {} },
          tree: null,
        },
        mountPath: "/home/jovyan",
        folders: {
          path: "/home/jovyan",
          volume: "jupyterhub-test-folder-{folder}",
          shared: false,
          colab: false,
          users: false,
        },
        labSettings: null,
        volumes: [],
        uid: 1000,
        gid: 100,
      },
      groups: {},
      users: {},
    });
  });

  it("is the same text whatever order people and variables are written in", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.stringMatching(/^[a-z]{1,8}$/)),
        fc.dictionary(fc.stringMatching(/^[A-Z]{1,8}$/), fc.string()),
        (users, environment) => {
          const one = {
            ...config,
            auth: { ...config.auth, users },
            notebook: { ...config.notebook, environment },
          };
          const other = {
            ...one,
            auth: { ...one.auth, users: [...users].reverse() },
            notebook: {
              ...one.notebook,
              environment: Object.fromEntries(Object.entries(environment).reverse()),
            },
          };
          assert.equal(renderSettings(other, dockerWiring), renderSettings(one, dockerWiring));
        },
      ),
    );
  });
});
