import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { Deployment, execa } from "./deployment";
import { HubClient } from "./hub-client";
import { RunningKernel } from "./kernel";
import { privateCertificate } from "./servers/certificate";
import { githubServer } from "./servers/github";
import { gitlabServer } from "./servers/gitlab";
import { HttpProxy } from "./servers/http-proxy";
import { ldapGroup, ldapPeople, ldapSearcher, LdapServer } from "./servers/ldap";
import { LTI_CLIENT, ltiPlatform } from "./servers/lti";
import { OAUTH_CLIENT } from "./servers/oauth";
import { OIDC_CLIENT, oidcProvider } from "./servers/oidc";
import { type Page, Visitor } from "./servers/visitor";

const COUNT_USERS =
  "import sqlite3; print(sqlite3.connect('/srv/jupyterhub/jupyterhub.sqlite').execute('select count(*) from users').fetchone())";

/** One hub that is given one kind of login after another, against real servers on the Docker host. */
describe("login, on a real Docker Engine", function () {
  this.timeout(300_000);

  let deployment: Deployment;
  let gateway: string;
  let tls: Awaited<ReturnType<typeof privateCertificate>>;
  let hubCa: string;
  const visitors: Visitor[] = [];

  before(async function () {
    this.timeout(900_000);
    deployment = await Deployment.create({ auth: { kind: "anonymous" } }, { installed: true });
    const { output } = await deployment.up();
    assert.match(output, /everybody who opens the address gets a temporary server/);
    assert.doesNotMatch(output, /password:/);
    hubCa = await deployment.caCertificate();
    const network = (await deployment.docker.getNetwork(`${deployment.name}-notebooks`).inspect()) as {
      IPAM: { Config: { Gateway: string }[] };
    };
    gateway = network.IPAM.Config[0]?.Gateway ?? "";
    tls = await privateCertificate(gateway);
    await writeFile(join(deployment.folder, "private-ca.pem"), tls.ca);
  });

  afterEach(async function () {
    if (this.currentTest?.state === "failed") {
      await deployment.keepLogs(join(__dirname, "artifacts"));
    }
    await Promise.all(visitors.splice(0).map((visitor) => visitor.close()));
  });

  after(async () => {
    if (deployment as Deployment | undefined) {
      await deployment.remove();
    }
  });

  const visitor = (): Visitor => {
    const one = new Visitor([hubCa, tls.ca]);
    visitors.push(one);
    return one;
  };
  const hub = (path = ""): string => `${deployment.url}hub/${path}`;
  const configure = async (
    auth: Record<string, unknown>,
    more: Record<string, unknown> = {},
  ): Promise<string> => {
    await deployment.configure({ auth, ...more });
    return (await deployment.up()).output;
  };
  const passwordLogin = async (who: Visitor, username: string, password: string): Promise<Page> =>
    who.submit(await who.open(hub("login?next=/hub/home")), { username, password });

  it("anonymous: everybody gets a name of their own, without a password", async () => {
    const [one, other] = [visitor(), visitor()];
    await one.open(hub("tmplogin?next=/hub/home"));
    await other.open(hub("tmplogin?next=/hub/home"));
    const names = [await one.whoami(deployment.url), await other.whoami(deployment.url)];
    assert.match(names[0]?.name ?? "", /^[0-9a-f-]{36}$/);
    assert.notEqual(names[0]?.name, names[1]?.name);
    assert.equal(names[0]?.admin, false);
  });

  describe("native", () => {
    const password = "correct horse battery";
    let admin: Visitor;

    before(async () => {
      const output = await configure({
        kind: "native",
        admins: ["admin"],
        lockout: { attempts: 2, seconds: 600 },
      });
      assert.ok(output.includes(hub("signup")));
      assert.match(output, /Admins' password/);
      assert.doesNotMatch(output, /Users' password/);
    });

    const signUp = async (username: string, secret = password): Promise<Page> => {
      const who = visitor();
      return who.submit(await who.open(hub("signup")), {
        username,
        signup_password: secret,
        signup_password_confirmation: secret,
      });
    };

    it("lets the named administrator in with the generated password, and nobody else take the name", async () => {
      assert.match((await signUp("admin")).text, /already in use/);
      admin = visitor();
      await passwordLogin(admin, "admin", await deployment.output("adminPassword"));
      assert.deepEqual(await admin.whoami(deployment.url), { name: "admin", admin: true });
    });

    it("lets people in once an administrator approved them", async () => {
      assert.match((await signUp("carol", "password1")).text, /Something went wrong/);
      assert.match((await signUp("carol")).text, /sent to the admin/);
      const carol = visitor();
      const early = await passwordLogin(carol, "carol", password);
      assert.match(
        early.text,
        /is waiting for an administrator&#39;s approval|is waiting for an administrator's approval/,
      );
      const mine = visitor();
      await passwordLogin(mine, "admin", await deployment.output("adminPassword"));
      const accounts = await mine.open(hub("authorize"));
      assert.match(accounts.text, /carol/);
      // Nobody approves oneself, and nobody by a visit to an address.
      await carol.open(hub("authorize/carol"), {});
      await mine.open(hub("authorize/carol"));
      assert.match((await passwordLogin(carol, "carol", password)).text, /is waiting for an administrator/);
      await mine.submit(accounts, {}, "/hub/authorize/carol");
      await passwordLogin(carol, "carol", password);
      assert.deepEqual(await carol.whoami(deployment.url), { name: "carol", admin: false });
    });

    it("locks a name after wrong passwords, and says for how long", async () => {
      await passwordLogin(visitor(), "carol", "wrong");
      await passwordLogin(visitor(), "carol", "wrong");
      const answer = await passwordLogin(visitor(), "carol", password);
      assert.equal(answer.status, 429);
      assert.match(answer.text, /Too many failed logins\. Try again in 10 minutes\./);
    });
  });

  describe("oidc", () => {
    let server: Awaited<ReturnType<typeof oidcProvider>>;
    const people = {
      ada: { email: "Ada.Lovelace@mail.ch", email_verified: true, groups: ["physics"] },
      hyphen: { email: "ada-lovelace@mail.ch", email_verified: true, groups: ["physics"] },
      boss: { email: "boss@mail.ch", email_verified: true, groups: ["staff"] },
      stranger: { email: "eve@mail.ch", email_verified: true, groups: [] },
      fake: { email: "boss@mail.ch", email_verified: false, groups: ["staff"] },
    };

    before(async () => {
      server = await oidcProvider(gateway, tls, `${deployment.url}hub/oauth_callback`, people);
      const output = await configure({
        kind: "oidc",
        issuer: server.url,
        clientId: OIDC_CLIENT.id,
        clientSecret: OIDC_CLIENT.secret,
        caFile: "private-ca.pem",
        scopes: ["openid", "email", "groups"],
        allowedGroups: ["physics"],
        adminGroups: ["staff"],
        usernames: { fromEmail: true },
        loginService: "University",
      });
      assert.ok(output.includes(`${deployment.url}hub/oauth_callback`));
      assert.doesNotMatch(output, /password:/);
      assert.ok(!output.includes(OIDC_CLIENT.secret));
    });
    after(() => server.close());

    const login = async (who: Visitor, name: string): Promise<Page> => {
      const form = await who.open(hub("oauth_login?next=%2Fhub%2Fhome"));
      return who.submit(form, { login: name, password: "any" });
    };

    it("lets members of a group in, under names from their addresses that are never the same", async () => {
      const [ada, hyphen] = [visitor(), visitor()];
      await login(ada, "ada");
      assert.deepEqual(await ada.whoami(deployment.url), { name: "ada-lovelace--mail-ch", admin: false });
      await login(hyphen, "hyphen");
      const other = await hyphen.whoami(deployment.url);
      assert.match(other?.name ?? "", /^ada-lovelace_[a-z2-7]{8}--mail-ch$/);
    });

    it("makes administrators of the members of another", async () => {
      const boss = visitor();
      await login(boss, "boss");
      assert.deepEqual(await boss.whoami(deployment.url), { name: "boss--mail-ch", admin: true });
    });

    it("says why it refuses: no group, no confirmed address", async () => {
      const refused = await login(visitor(), "stranger");
      assert.equal(refused.status, 403);
      assert.match(refused.text, /you may not use this hub yet/);
      const fake = await login(visitor(), "fake");
      assert.equal(fake.status, 403);
      assert.match(fake.text, /not verified/);
    });

    it("names the provider on the button, and keeps the tokens encrypted", async () => {
      assert.match((await visitor().open(hub("login"))).text, /University/);
      const { stdout } = await execa("docker", [
        ...["exec", `${deployment.name}-hub`, "python", "-c"],
        "import sqlite3; print(sqlite3.connect('/srv/jupyterhub/jupyterhub.sqlite').execute('select encrypted_auth_state from users where name like \"ada%\"').fetchall())",
      ]);
      assert.ok(stdout.includes("gAAAA"), stdout);
      assert.doesNotMatch(stdout, /access_token|mail\.ch/);
    });

    it("says so when the provider is down", async () => {
      const { stdout } = await execa("docker", ["restart", `${deployment.name}-hub`]);
      assert.ok(stdout);
      await server.close();
      const end = Date.now() + 60_000;
      let answer = await visitor().open(hub("oauth_login"));
      // Until the hub itself is back.
      while (!/cannot be reached/.test(answer.text) && Date.now() < end) {
        await new Promise((resolve) => setTimeout(resolve, 200));
        answer = await visitor().open(hub("oauth_login"));
      }
      assert.equal(answer.status, 503);
      assert.match(answer.text, /The login service cannot be reached/);
    });
  });

  it("github: an Enterprise server, by organisation and by team, through a proxy with a password", async () => {
    const github = await githubServer().start(gateway, tls);
    const proxy = await HttpProxy.start(gateway, "hub:of-the-hub");
    const behind = { secretEnvironment: { HTTPS_PROXY: `http://hub:of-the-hub@${proxy.address}` } };
    try {
      await writeFile(join(deployment.folder, "userlist"), "# people\nOctocat admin\n\nlisted # a guest\n");
      const output = await configure(
        {
          kind: "github",
          url: github.url,
          clientId: OAUTH_CLIENT.id,
          clientSecret: OAUTH_CLIENT.secret,
          caFile: "private-ca.pem",
          usersFile: "userlist",
          organizations: ["lab", "uni:students"],
          adminGroups: ["lab:operators"],
        },
        { hub: behind },
      );
      assert.ok(!output.includes("of-the-hub"));
      const login = async (name: string, ...memberOf: string[]) => {
        github.person = { login: name, memberOf };
        const who = visitor();
        const page = await who.open(hub("oauth_login?next=%2Fhub%2Fhome"));
        return page.status === 200 ? who.whoami(deployment.url) : page.status;
      };
      assert.deepEqual(await login("Ann", "lab"), { name: "ann", admin: false });
      assert.equal(github.scope, "read:org");
      assert.deepEqual(await login("ben", "uni:students"), { name: "ben", admin: false });
      assert.equal(await login("cleo", "uni", "uni:other"), 403);
      assert.deepEqual(await login("dora", "x:one", "x:two", "lab:operators"), { name: "dora", admin: true });
      assert.deepEqual(await login("octocat"), { name: "octocat", admin: true });
      assert.deepEqual(await login("LISTED"), { name: "listed", admin: false });
      assert.equal(await login("nobody"), 403);
      // Who has left the group of administrators is none any more.
      assert.deepEqual(await login("dora", "lab"), { name: "dora", admin: false });
      github.person = undefined;
      const cancelled = await visitor().open(hub("oauth_login"));
      assert.equal(cancelled.status, 400);
      assert.match(cancelled.text, /The person said no/);
      // By no other way, and nothing else by this one.
      assert.deepEqual([...new Set(proxy.asked)], [`CONNECT ${new URL(github.url).host}`]);
      assert.ok(proxy.asked.length > 10, String(proxy.asked.length));
    } finally {
      await proxy.close();
      await github.close();
    }
  });

  it("gitlab: a server of one's own, by group in a group and by project, through a proxy", async () => {
    const gitlab = await gitlabServer().start(gateway);
    const proxy = await HttpProxy.start(gateway);
    const behind = { environment: { HTTP_PROXY: `http://${proxy.address}` } };
    try {
      const auth = {
        kind: "gitlab",
        url: gitlab.url,
        clientId: OAUTH_CLIENT.id,
        allowedGroups: ["physics/quantum"],
        projectIds: [4711],
        blocked: ["mallory"],
        autoLogin: true,
      };
      await configure({ ...auth, clientSecret: OAUTH_CLIENT.secret }, { hub: behind });
      const login = async (username: string, groups: string[], projects: Record<string, number> = {}) => {
        gitlab.person = { id: 7, username, email: `${username}@example.org`, groups, projects };
        const who = visitor();
        // Without a button in between.
        const page = await who.open(hub("home"));
        return page.status === 200 ? who.whoami(deployment.url) : page.status;
      };
      assert.deepEqual(await login("ann", ["chemistry", "physics/quantum"]), { name: "ann", admin: false });
      assert.equal(gitlab.scope, "read_api");
      assert.deepEqual(await login("ben", [], { 4711: 30 }), { name: "ben", admin: false });
      assert.equal(await login("cleo", ["physics"], { 4711: 20 }), 403);
      assert.equal(await login("mallory", ["physics/quantum"]), 403);

      await configure({ ...auth, clientSecret: "another secret" }, { hub: behind });
      const refused = await visitor().open(hub("oauth_login"));
      assert.equal(refused.status, 502);
      assert.match(refused.text, /refused the hub(&#39;|')s request \(401\)/);
      // The way to the Docker filter and to the proxy's API is a direct one.
      assert.ok(proxy.asked.length > 10);
      assert.deepEqual(
        proxy.asked.filter((line) => !line.includes(` ${gitlab.url}/`)),
        [],
      );
    } finally {
      await proxy.close();
      await gitlab.close();
    }
  });

  it("ldap: searched over TLS, by group", async () => {
    const people = { ann: "secret of ann", ben: "secret of ben", eve: "secret of eve" };
    const ldap = await LdapServer.start(gateway, tls, people, { users: ["ann"], staff: ["ben"] });
    const auth = {
      kind: "ldap",
      server: gateway,
      port: ldap.port,
      caFile: "private-ca.pem",
      search: { base: ldapPeople, user: ldapSearcher.dn, password: ldapSearcher.password },
      allowedGroups: [ldapGroup("users")],
      adminGroups: [ldapGroup("staff")],
    };
    const login = async (name: string, password: string) => {
      const who = visitor();
      const page = await passwordLogin(who, name, password);
      return (await who.whoami(deployment.url)) ?? page;
    };
    try {
      await configure(auth);
      assert.deepEqual(await login("ann", people.ann), { name: "ann", admin: false });
      assert.deepEqual(await login("Ben", people.ben), { name: "ben", admin: true });
      for (const [name, password] of [
        ["ann", people.ben],
        ["ann", ""],
        ["eve", people.eve],
        ["*", people.ann],
      ] as const) {
        const page = (await login(name, password)) as Page;
        assert.match(page.text, /Invalid username or password/, name);
      }
      // Another authority than the server's: no password is sent.
      await writeFile(join(deployment.folder, "other-ca.pem"), hubCa);
      await configure({ ...auth, caFile: "other-ca.pem" });
      assert.match(((await login("ann", people.ann)) as Page).text, /login service cannot be reached/);
      await configure({ ...auth, search: undefined, bindDn: [`uid={username},${ldapPeople}`] });
      assert.deepEqual(await login("ann", people.ann), { name: "ann", admin: false });
    } finally {
      await ldap.close();
    }
    assert.match(((await login("ann", people.ann)) as Page).text, /login service cannot be reached/);
  });

  it("pam: accounts whose hashes are in the configuration", async () => {
    const hash = (await execa("openssl", ["passwd", "-6", "secret of ann"])).stdout;
    const passwords = `ann:${hash}\neve:${hash}\n`;
    const output = await configure({ kind: "pam", passwords, users: ["ann"] });
    assert.ok(!output.includes(hash));
    const ann = visitor();
    await passwordLogin(ann, "ann", "secret of ann");
    assert.deepEqual(await ann.whoami(deployment.url), { name: "ann", admin: false });
    for (const [name, password] of [
      ["ann", "wrong"],
      ["eve", "secret of ann"],
      ["root", ""],
    ] as const) {
      assert.match((await passwordLogin(visitor(), name, password)).text, /Invalid username or password/);
    }
  });

  it("lti13: launched from a learning platform, by its signature", async () => {
    const platform = await ltiPlatform(gateway);
    try {
      const output = await configure({
        kind: "lti13",
        issuer: platform.url,
        authorizeUrl: `${platform.url}/auth`,
        jwksUrl: `${platform.url}/certs`,
        clientIds: [LTI_CLIENT],
        admins: ["root@example.org"],
        allowAll: true,
        blocked: ["eve@example.org"],
        usernames: { fromEmail: true },
      });
      assert.ok(output.includes(hub("lti13/oauth_login")));
      const launch = async (email: string) => {
        platform.person = { email };
        const who = visitor();
        const form = await who.open(platform.link(hub("lti13/oauth_login"), hub("home")));
        const page = await who.submit(form, {});
        return page.status === 200 ? who.whoami(deployment.url) : page.status;
      };
      assert.deepEqual(await launch("Ann@example.org"), { name: "ann--example-org", admin: false });
      assert.equal(await launch("eve@example.org"), 403);
      platform.honest = false;
      assert.equal(await launch("ann@example.org"), 400);
      // Claims of one's own, past the launch that checks them: as the login of a token, and as a login form.
      const claims = { email: "root@example.org", sub: "root@example.org" };
      const forger = visitor();
      const token = await forger.call(hub("api/users/root--example-org/tokens"), { auth: claims });
      assert.equal(token.status, 403, token.text);
      assert.match(token.text, /Logins over the API are turned off/);
      const forged = await forger.forge(deployment.url, claims);
      assert.equal(forged.status, 403, forged.text);
      assert.match(forged.text, /You cannot log in with this form/);
      assert.equal(await forger.whoami(deployment.url), undefined);
    } finally {
      await platform.close();
    }
  });

  describe("names with more than letters", () => {
    const names = [
      "pat+jupyter@example.org",
      "o'brien@uni.example",
      "100%",
      "semi;colon",
      "jane doe",
      "王小明",
      "ana maría",
      "(r&d)",
      "c#?",
      "a=b,c~$",
      "<b>|^*!",
      "a%2fb..",
      "\u{1f600}",
      "x".repeat(255),
      "王".repeat(255),
    ];
    const refused = ["z`)||hostregexp(`.", "CORP\\xavier", '{{env "HOME"}}', "\u212aevin", "a\u200bb", ".."];
    const inHub = async (python: string): Promise<string> =>
      (await execa("docker", ["exec", `${deployment.name}-hub`, "python", "-c", python])).stdout;

    it("get from login to a kernel, with the limits and folder that they are given", async function () {
      this.timeout(900_000);
      await deployment.configure({
        auth: { kind: "shared-password", users: names },
        groups: { "Fakultät Physik": { members: names, folder: "read-write", limits: { memory: "500m" } } },
        users: { "Jane Doe": { limits: { memory: "400m" } } },
      });
      await deployment.up();
      const password = await deployment.output("userPassword");
      for (const name of names) {
        const client = new HubClient(deployment.url, hubCa, name);
        assert.equal(await client.login(password), true, name);
        await client.startServer(120_000);
        const page = await client.visit(`user/${client.path}/lab`);
        // The server itself answers: it asks the hub who this is, and does not send people there and back.
        assert.match(String(page.headers.location), /^https:\/\/[^/]+\/hub\/api\/oauth2\/authorize\?/, name);
        if (name === "pat+jupyter@example.org") {
          // As programs for mail spell it.
          const other = await client.visit(`hub/user/${name}/lab?x=1`);
          assert.equal(other.headers.location, `/hub/user/${client.path}/lab?x=1`);
        }
        const kernel = await RunningKernel.start(client.serverSettings());
        const printed = await kernel.run(
          "import json, os, pathlib; print(json.dumps([os.environ['JUPYTERHUB_USER'], os.environ['MEM_LIMIT'], " +
            "sorted(one.name for one in pathlib.Path.home().joinpath('groups').iterdir())]))",
        );
        const memory = name === "jane doe" ? 400 : 500;
        assert.deepEqual(JSON.parse(printed), [name, `${memory * 2 ** 20}`, ["Fakult%C3%A4t%20Physik"]]);
        kernel.leave();
        await client.stopServer();
        await client.close();
      }
    });

    it("are refused with a sentence where they can be nobody's, and leave nothing behind", async () => {
      const people = Object.fromEntries(
        [...refused, "Pat+Jupyter@Example.org"].map((name, index) => [
          `p${index}`,
          { preferred_username: name, email: `p${index}@mail.ch` },
        ]),
      );
      const server = await oidcProvider(gateway, tls, `${deployment.url}hub/oauth_callback`, people);
      try {
        await configure({
          kind: "oidc",
          issuer: server.url,
          clientId: OIDC_CLIENT.id,
          clientSecret: OIDC_CLIENT.secret,
          caFile: "private-ca.pem",
          scopes: ["openid", "profile"],
          allowAll: true,
        });
        const before = await inHub(COUNT_USERS);
        for (const login of Object.keys(people)) {
          const who = visitor();
          const form = await who.open(hub("oauth_login?next=%2Fhub%2Fhome"));
          const page = await who.submit(form, { login, password: "any" });
          if (login === `p${refused.length}`) {
            assert.deepEqual(await who.whoami(deployment.url), {
              name: "pat+jupyter@example.org",
              admin: false,
            });
            continue;
          }
          assert.equal(page.status, 403, login);
          assert.match(page.text, /cannot be used on this hub: it (contains|consists|is) /, login);
        }
        assert.equal(await inHub(COUNT_USERS), before);
      } finally {
        await server.close();
      }
    });
  });

  it("has nothing to do on a second up, and stays so after a refresh", async () => {
    await deployment.up(["--expect-no-changes"]);
    await deployment.pulumi(["refresh", "--yes", "--expect-no-changes"]);
    await deployment.pulumi(["preview", "--expect-no-changes"]);
  });
});
