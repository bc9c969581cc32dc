import assert from "node:assert/strict";

import { checkCredentials } from "../../../../config/checks/credentials";
import { Report } from "../../../../config/checks/report";
import { formatError } from "../../../../config/errors";
import { configJsonSchema, type JsonSchema, kindsOf } from "../../../../config/json-schema";
import { parseConfig } from "../../../../config/parse";
import { credentialsIn, withoutCredentials } from "../../../../config/values/credentials";
import { contextWith, messagesOf, messagesWith, MINIMAL } from "../support";

const SECRET = "ghp_hunter2secret";

function credentialErrors(given: Readonly<Record<string, unknown>>) {
  const report = new Report(contextWith());
  checkCredentials(given, report);
  return report.errors;
}

/** Addresses that hold SECRET. */
const refused = [
  `https://${SECRET}@github.com/example/course`,
  `https://user:${SECRET}@git.example.org/course.git`,
  `https://oauth2:${SECRET}@git.example.org:8443/course.git`,
  `HTTPS://:${SECRET}@git.example.org/course.git`,
  `https://user:p@${SECRET}@git.example.org/course.git`,
  `https://user:p/${SECRET}@git.example.org/course.git`,
  `https://${SECRET}:@git.example.org/course.git`,
  `https://${SECRET}:x-oauth-basic@github.com/example/course`,
  `ssh://git:${SECRET}@git.example.org/course`,
  `git+https://${SECRET}@git.example.org/course`,
  `//user:${SECRET}@files.example.org/share`,
  `http://user:${SECRET}@proxy.example.org:3128`,
  `socks5h://user:${SECRET}@proxy.example.org`,
  `redis://:${SECRET}@cache.example.org:6379/0`,
  `postgresql://hub:${SECRET}@db.example.org/hub`,
  `tcp://user:${SECRET}@docker.example.org:2376`,
  `https://git.example.org/course.git?private_token=${SECRET}`,
  `https://git.example.org/course.git?ref=x&access_token=${SECRET}`,
  `https://example.org/archive?X-Amz-Signature=${SECRET}`,
  `https://example.org/archive?sv=1&sig=${SECRET}`,
  `https://example.org/#access_token=${SECRET}`,
  `https://a.example.org/simple https://user:${SECRET}@b.example.org/simple`,
];

const fine = [
  "https://github.com/example/course",
  "https://git.example.org:8443/group/course@v1:2",
  "http://[fd00::1]:3128/@scope",
  "https://[fd00::a]/@scope",
  "https://packages.example.org/@jupyterlab/git",
  "ssh://git@git.example.org:2222/course",
  "git@git.example.org:group/course.git",
  "file:///srv/git/course@2026",
  "ssh://admin@docker.example.org",
  "postgresql://jupyterhub@db.example.org/hub",
  "quay.io/jupyter/base-notebook:2026@sha256:" + "0".repeat(64),
  "mailto:admin@example.org",
  "https://example.org/page?token_type=bearer&key=value",
  "https://x-access-token:$TOKEN@github.com/example/course",
  "https://user:${PASSWORD}@git.example.org/course",
  "https://{user}:{password}@git.example.org/course",
  "https://example.org/callback?token=$TOKEN",
];

/** Every key of the schema whose value is text and no secret; free names are `x`, numbers 0. */
function texts(node: JsonSchema, path: (string | number)[] = []): (string | number)[][] {
  if (node.secret) {
    return [];
  }
  const options = kindsOf(node) ?? node.anyOf ?? [node];
  return options.flatMap(({ type, properties = {}, additionalProperties, items }) => [
    ...(type === "string" ? [path] : []),
    ...Object.entries(properties).flatMap(([name, child]) => texts(child, [...path, name])),
    ...(typeof additionalProperties === "object" ? texts(additionalProperties, [...path, "x"]) : []),
    ...(items === undefined ? [] : texts(items, [...path, 0])),
  ]);
}

const nested = (path: readonly (string | number)[], value: unknown): unknown =>
  path.reduceRight((below, step) => (typeof step === "number" ? [below] : { [step]: below }), value);

describe("An address with a login in it", () => {
  for (const address of refused) {
    const shown = address.replace(SECRET, "SECRET");
    it(`${shown} is found, and shown without it`, () => {
      assert.notEqual(credentialsIn(address), undefined);
      assert.ok(!withoutCredentials(address).includes(SECRET), withoutCredentials(address));
      assert.equal(credentialsIn(withoutCredentials(address)), undefined);
    });

    it(`${shown} is refused for a repository, and not shown`, () => {
      const messages = messagesWith({ notebook: { image: { kind: "git", repository: address } } });
      assert.equal(messages.length, 1);
      assert.match(messages[0] ?? "", /^jupyterhub:notebook\.image\.repository: .*credential helper/);
      assert.ok(!messages.join("\n").includes(SECRET), messages.join("\n"));
    });
  }

  for (const address of fine) {
    it(`is not ${address}`, () => {
      assert.equal(credentialsIn(address), undefined);
      if (!/[${]/.test(address)) {
        assert.equal(withoutCredentials(address), address);
      }
    });
  }

  it("is refused by every key whose value is readable in the state", () => {
    const address = `https://user:${SECRET}@example.org/x`;
    const paths = texts(configJsonSchema()).filter(
      (path) => !/^hub\.(announcement|extraConfig\.(parts\.\w+\.)?text)|description$/.test(path.join(".")),
    );
    assert.ok(paths.length > 150, `${paths.length} keys`);
    for (const path of paths) {
      const [top = "", ...rest] = path;
      const found = credentialErrors({ [top]: nested(rest, address) });
      assert.equal(found.length, 1, path.join("."));
      const result = parseConfig({ ...MINIMAL, [top]: nested(rest, address) }, contextWith());
      assert.ok(!messagesOf(result).join("\n").includes(SECRET), path.join("."));
    }
  });

  it("is taken where the value is kept secret, or is free text", () => {
    const url = `postgresql://hub:${SECRET}@db.example.org/hub`;
    const service = { url: "http://a.example.org", token: "t".repeat(32), secrets: { DATABASE: url } };
    const values = {
      database: { kind: "url", url },
      hub: {
        services: { grader: service },
        announcement: { login: "Files are at ftp://guest:guest@files.example.org" },
        extraConfig: { kind: "text", text: "c.X.url = f'postgresql://{user}:pw@host/db'" },
      },
    };
    assert.deepEqual(credentialErrors(values), []);
  });

  it("is refused with a way out that is for this key: other hosts are no Docker host", () => {
    const fixOf = (values: Record<string, unknown>) => credentialErrors(values)[0]?.fix ?? "";
    const host = `https://user:${SECRET}@example.org`;
    assert.match(fixOf({ docker: { host } }), /docker\.tls/);
    assert.equal(fixOf({ egress: { allow: [{ host }] } }), "Remove it from the address.");
  });

  it("is refused in a proxy's variable without a scheme, and in a name", () => {
    const environment = { HTTP_PROXY: `user:${SECRET}@proxy.example.org:3128` };
    const idps = { [`https://user:${SECRET}@idp.example.org`]: {} };
    const errors = credentialErrors({ notebook: { environment }, auth: { idps } }).map(formatError);
    assert.equal(errors.length, 2);
    assert.match(errors[0] ?? "", /^jupyterhub:notebook\.environment\.HTTP_PROXY: .*hub\.extraConfig/);
    assert.match(errors[1] ?? "", /^jupyterhub:auth\.idps: /);
    assert.ok(!errors.join("\n").includes(SECRET));
  });

  it("of a service can be kept by its secrets", () => {
    const environment = { DATABASE: `mysql://user:${SECRET}@db.example.org/x` };
    const [error] = credentialErrors({ hub: { services: { grader: { environment } } } });
    assert.match(
      error?.fix ?? "",
      /config set --stack dev --secret --path 'jupyterhub:hub\.services\.grader\.secrets\.DATABASE'/,
    );
  });
});
