import assert from "node:assert/strict";

import { parseConfig } from "../../../config/parse";
import { configOf, contextWith, messagesWith, MINIMAL } from "./support";

const configWith = (values: Record<string, unknown>) =>
  configOf(parseConfig({ ...MINIMAL, ...values }, contextWith()));

const tree = { kind: "tree", root: "/srv/jupyterhub" };

describe("storage, groups and users", () => {
  it("take a tree with everything in it", () => {
    const { storage } = configWith({
      storage: { homes: tree, shared: true, colab: true, users: true, labSettings: { apart: true } },
    });
    assert.deepEqual(storage.homes, { ...tree, mountPath: "/home/jovyan" });
    assert.equal(storage.users, true);
  });

  it("take temporary homes", () => {
    const { storage } = configWith({ storage: { homes: { kind: "temporary" }, colab: true } });
    assert.deepEqual(storage.homes, { kind: "temporary", mountPath: "/home/jovyan" });
  });

  it("take groups with members, a folder and limits, and people with limits", () => {
    const variables = { environment: {}, secrets: {} };
    const { groups, users } = configWith({
      groups: {
        "/staff/it": { fromLogin: true },
        physics: { members: ["alice"], folder: "read-only", limits: { memory: "4G", cpus: "0.5" } },
      },
      users: { alice: { limits: { memory: "8G", swap: "unlimited" } } },
    });
    assert.deepEqual(groups, {
      "/staff/it": { members: [], fromLogin: true, folder: "none", limits: {}, ...variables },
      physics: {
        members: ["alice"],
        fromLogin: false,
        folder: "read-only",
        limits: { memory: 4 * 1024 ** 3, cpus: 0.5 },
        ...variables,
      },
    });
    assert.deepEqual(users, { alice: { limits: { memory: 8 * 1024 ** 3, swap: -1 }, ...variables } });
  });

  it("take volumes with a driver and options, for everybody, each person or groups", () => {
    const nfs = { type: "nfs", o: "addr=10.0.0.5", device: ":/export/{username}" };
    const { storage } = configWith({
      groups: { physics: { members: ["alice"] } },
      storage: {
        volumes: {
          own: { name: "nfs-{username}", mountPath: "/nfs", options: nfs },
          lab: { mountPath: "/lab", driver: "vieux/sshfs:latest", groups: ["physics"], readOnly: true },
        },
      },
    });
    assert.deepEqual(storage.volumes, {
      own: { name: "nfs-{username}", mountPath: "/nfs", driver: "local", options: nfs, readOnly: false },
      lab: {
        mountPath: "/lab",
        driver: "vieux/sshfs:latest",
        options: {},
        readOnly: true,
        groups: ["physics"],
      },
    });
  });

  it("take volumes that another deployment has called as people are, beside volumes that nobody is called like", () => {
    const { storage } = configWith({
      storage: {
        homes: { kind: "volume", name: "{username}", takenOver: ["Alice", "bob"] },
        volumes: {
          lab: { mountPath: "/lab" },
          own: { mountPath: "/own", name: "of_{username}" },
          data: { mountPath: "/data", name: "lab-data" },
        },
      },
    });
    assert.deepEqual(storage.homes, {
      kind: "volume",
      name: "{username}",
      takenOver: ["alice", "bob"],
      driver: "local",
      options: {},
      mountPath: "/home/jovyan",
    });
  });

  const refused: [string, Record<string, unknown>, RegExp][] = [
    [
      "a group without members",
      { groups: { physics: { folder: "read-write" } } },
      /^jupyterhub:groups\.physics: expected at least one name in members, or fromLogin if the login service assigns them, got a group without members\. Set it with: \.\/hub pulumi config set --stack dev --path 'jupyterhub:groups\.physics\.members\[0\]' alice/,
    ],
    [
      "a group with a name of other characters",
      { groups: { "a\nb": { members: ["alice"] } } },
      /^jupyterhub:groups\["a\\nb"\]: expected a map of groups by name/,
    ],
    [
      "an unknown kind of folder",
      { groups: { physics: { members: ["alice"], folder: "rw" } } },
      /^jupyterhub:groups\.physics\.folder: expected none, read-only or read-write, got "rw"/,
    ],
    [
      "a person without limits of their own",
      { users: { alice: { memory: "8G" } } },
      /^jupyterhub:users\.alice\.memory: expected /,
    ],
    [
      "a name that is no user's",
      { users: { "../x": {} } },
      /^jupyterhub:users\["\.\.\/x"\]: expected a map of limits and variables by user name/,
    ],
    [
      "too little memory of a person",
      { users: { alice: { limits: { memory: "1m" } } } },
      /^jupyterhub:users\.alice\.limits\.memory: expected an amount of memory of at least 64M/,
    ],
    [
      "swap of less than nothing",
      { notebook: { limits: { swap: -1 } } },
      /^jupyterhub:notebook\.limits\.swap: expected unlimited, or an amount of swap/,
    ],
    [
      "users in admins' homes without a tree",
      { storage: { users: true } },
      /^jupyterhub:storage\.users: expected homes of kind tree, in which admins can see users\/, got true with homes of kind volume\. Set it with: .*storage\.homes\.kind' tree/,
    ],
    [
      "temporary homes of another user than the image's",
      { storage: { homes: { kind: "temporary" }, owner: { uid: 2000 } } },
      /^jupyterhub:storage\.owner: expected 1000 as uid with temporary homes.*, got 2000\. Remove it with: /,
    ],
    ...["/srv", "/etc", "/etc/homes", "/var/lib/docker/volumes", "/home", "/usr"].map(
      (root): [string, Record<string, unknown>, RegExp] => [
        `a tree in ${root}`,
        { storage: { homes: { kind: "tree", root } } },
        /^jupyterhub:storage\.homes\.root: expected a folder that is used for this tree only, got "[a-z/]+", which the system uses/,
      ],
    ),
    [
      "a tree with a way out",
      { storage: { homes: { kind: "tree", root: "/srv/../etc" } } },
      /^jupyterhub:storage\.homes\.root: expected an absolute path/,
    ],
    [
      "one volume for everybody's home",
      { storage: { homes: { kind: "volume", name: "homes" } } },
      /^jupyterhub:storage\.homes\.name: expected \{username\} in it, so that each person has a home, got "homes"/,
    ],
    ...["jupyterhub-dev-{username}", "jupyterhub-{username}", "j{username}"].map(
      (name): [string, Record<string, unknown>, RegExp] => [
        `homes called ${name}, as the stack's own volumes could be`,
        { storage: { homes: { kind: "volume", name } } },
        /^jupyterhub:storage\.homes\.name: expected a name that none of the stack's own volumes \(jupyterhub-dev-…\) can have/,
      ],
    ),
    [
      "the hub's own volume",
      { storage: { volumes: { x: { name: "jupyterhub-dev-hub-data", mountPath: "/x" } } } },
      /^jupyterhub:storage\.volumes\.x\.name: expected a name that none of the stack's own/,
    ],
    [
      "a volume that is the home of a person called data",
      {
        storage: {
          homes: { kind: "volume", name: "lab-{username}" },
          volumes: { x: { name: "lab-data", mountPath: "/x" } },
        },
      },
      /^jupyterhub:storage\.volumes\.x\.name: expected a name that jupyterhub:storage\.homes\.name \(lab-\{username\}\) can't be, got "lab-data"/,
    ],
    ...["data", "lab-2ddata", "x-{username}", "{username}2"].map(
      (name): [string, Record<string, unknown>, RegExp] => [
        `a volume ${name} beside homes that are called as people are`,
        {
          storage: {
            homes: { name: "{username}", kind: "volume" },
            volumes: { x: { name, mountPath: "/x" } },
          },
        },
        /^jupyterhub:storage\.volumes\.x\.name: expected (a name that jupyterhub:storage\.homes\.name \(\{username\}\) can't be|a volume name)/,
      ],
    ),
    [
      "homes taken over of a name that nobody can have",
      { storage: { homes: { kind: "volume", takenOver: ["../x"] } } },
      /^jupyterhub:storage\.homes\.takenOver\[0\]: expected a user name/,
    ],
    [
      "options for each person on a volume for all",
      { storage: { volumes: { x: { name: "ab", mountPath: "/x", options: { device: "/{username}" } } } } },
      /^jupyterhub:storage\.volumes\.x\.name: expected \{username\} in it, since the options have it/,
    ],
    [
      "a volume for a group that is none",
      { storage: { volumes: { x: { mountPath: "/x", groups: ["fysics"] } } } },
      /^jupyterhub:storage\.volumes\.x\.groups\[0\]: expected a group of jupyterhub:groups, got "fysics"/,
    ],
    ...["/home/jovyan", "/home", "/home/jovyan/shared"].map(
      (mountPath): [string, Record<string, unknown>, RegExp] => [
        `a volume over ${mountPath}`,
        { storage: { shared: true, volumes: { x: { mountPath } } } },
        /^jupyterhub:storage\.volumes\.x\.mountPath: expected a different path/,
      ],
    ),
    [
      "root as the owner",
      { storage: { owner: { uid: 0 } } },
      /^jupyterhub:storage\.owner\.uid: expected a whole number from 1/,
    ],
  ];
  for (const [what, values, message] of refused) {
    it(`refuse ${what}`, () => {
      const messages = messagesWith(values);
      assert.equal(messages.length, 1, messages.join("\n"));
      assert.match(messages[0] ?? "", message);
    });
  }
});
