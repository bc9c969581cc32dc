import assert from "node:assert/strict";
import { rootCertificates } from "node:tls";

import { parseConfig } from "../../../config/parse";
import { secretsFor } from "../../../config/secrets";
import { configOf, contextWith, messagesWith, MINIMAL, warningsOf } from "./support";

const APPLICATION = { clientId: "hub", clientSecret: "hidden" };
const LDAP = { kind: "ldap", server: "ldap.example.org", bindDn: ["uid={username},dc=x"], users: ["ann"] };
const LTI = {
  kind: "lti13",
  issuer: "https://moodle.example.org/",
  authorizeUrl: "https://moodle.example.org/auth",
  jwksUrl: "https://moodle.example.org/certs",
  clientIds: ["1"],
};
const IDP = "https://idp.example.edu/shibboleth";
const [PEM = ""] = rootCertificates;

const parse = (auth: unknown, files = {}) => parseConfig({ ...MINIMAL, auth }, contextWith(files));
const refusals = (auth: unknown, files = {}) =>
  messagesWith({ auth }, contextWith(files)).map((message) => message.replace("jupyterhub:", ""));

describe("a valid login", () => {
  const accepted: [string, Record<string, unknown>][] = [
    ["shared-password", { users: ["ann"], blocked: ["eve"], allowExistingUsers: true }],
    ["native", { admins: ["root"] }],
    ["native", { admins: ["root"], signUp: "open", users: ["ann"], lockout: { attempts: 0 } }],
    ["github", { ...APPLICATION, organizations: ["lab", "lab:team-1"] }],
    ["github", { ...APPLICATION, url: "https://github.example.org", allowAll: true }],
    ["github", { ...APPLICATION, adminGroups: ["lab:admins"] }],
    ["gitlab", { ...APPLICATION, projectIds: [1] }],
    ["gitlab", { ...APPLICATION, url: "http://gitlab.lan:8080/git", allowedGroups: ["a/b"] }],
    ["google", { ...APPLICATION, hostedDomains: ["example.org"], allowAll: true }],
    ["azuread", { ...APPLICATION, tenant: "example.org", allowAll: true, usernameClaim: "upn" }],
    ["oidc", { ...APPLICATION, issuer: "https://sso.example.org/realms/x", users: ["a@b.org"] }],
    [
      "oidc",
      {
        ...APPLICATION,
        authorizeUrl: "https://a/x",
        tokenUrl: "https://a/t",
        userdataUrl: "https://a/u",
        allowAll: true,
      },
    ],
    ["cilogon", { ...APPLICATION, idps: { [IDP]: { usernameClaim: "eppn", allowedDomains: ["*.edu"] } } }],
    ["ldap", { ...LDAP, tls: "ldaps", port: 3269 }],
    ["ldap", { ...LDAP, bindDn: undefined, search: { base: "dc=x" } }],
    ["pam", { passwords: "ann:$6$abc$def./\n\nben:$y$j9T$x$y", allowAll: true }],
    ["lti13", { ...LTI, allowAll: true }],
    ["lti13", { ...LTI, users: ["ann"], usernames: { fromEmail: true, domains: ["a-b.org"] } }],
    ["anonymous", {}],
  ];
  for (const [kind, keys] of accepted) {
    it(`may be ${kind} with ${Object.keys(keys).join(", ") || "nothing else"}`, () => {
      assert.equal(configOf(parse({ ...keys, kind })).auth.kind, kind);
    });
  }

  it("leaves the names of its secrets behind, and no value", () => {
    const config = configOf(
      parse({ ...LDAP, bindDn: undefined, search: { base: "dc=x", user: "cn=hub", password: "hidden" } }),
    );
    assert.deepEqual(secretsFor(config, "hub"), { auth_search_password: "hidden" });
    assert.doesNotMatch(JSON.stringify(config.auth), /hidden/);
    const google = { administrator: "admin", serviceAccountKey: '{"private_key": "hidden"}' };
    const { secrets } = configOf(
      parse({
        kind: "google",
        ...APPLICATION,
        hostedDomains: ["x.org"],
        groupsAccess: google,
        adminGroups: ["it"],
      }),
    );
    assert.deepEqual(Object.keys(secrets).sort(), [
      "auth_client_secret",
      "auth_groups_access_service_account_key",
    ]);
  });

  it("knows people of a login service in lower case", () => {
    const { auth } = configOf(
      parse({ kind: "github", ...APPLICATION, users: ["OctoCat"], admins: ["Root"], blocked: ["EVE"] }),
    );
    assert.ok(auth.kind === "github");
    assert.deepEqual([auth.users, auth.admins, auth.blocked], [["octocat"], ["root"], ["eve"]]);
  });

  it("drops slashes at the end of addresses, but not of what is compared", () => {
    const { auth } = configOf(
      parse({ kind: "gitlab", ...APPLICATION, url: "https://git.lan//", users: ["ann"] }),
    );
    assert.ok(auth.kind === "gitlab");
    assert.equal(auth.url, "https://git.lan");
    const lti = configOf(parse({ ...LTI, allowAll: true })).auth;
    assert.ok(lti.kind === "lti13");
    assert.equal(lti.issuer, "https://moodle.example.org/");
  });

  it("reads people from a file, and authorities from another", () => {
    const files = { userlist: "# who\r\nOctocat admin\n\n ann # a guest\nben\n", "ca.pem": PEM };
    const { auth } = configOf(
      parse(
        { kind: "github", ...APPLICATION, users: ["ben"], usersFile: "userlist", caFile: "ca.pem" },
        files,
      ),
    );
    assert.ok(auth.kind === "github");
    assert.deepEqual([auth.users, auth.admins], [["ben", "ann"], ["octocat"]]);
    assert.equal(auth.caPem, PEM);
  });

  it("warns of what is open or in clear text", () => {
    const warnings = (auth: unknown) => warningsOf(parse(auth)).join("\n");
    assert.match(warnings({ kind: "anonymous" }), /^jupyterhub:auth gives everybody .* without a password/);
    assert.match(warnings({ ...LDAP, tls: "none" }), /^jupyterhub:auth\.tls is none: .* clear text/);
    assert.match(
      warnings({ kind: "native", admins: ["root"], allowAll: true }),
      /auth\.allowAll has no effect/,
    );
    assert.equal(warnings(LDAP), "");
  });
});

describe("a login that cannot work, or that would let anybody in,", () => {
  const SET = "Set it with: ./hub pulumi config set --stack dev --path";
  const REMOVE = "Remove it with: ./hub pulumi config rm --stack dev --path";
  const NOBODY = `at least one name in users or admins, got none: nobody could log in. ${SET} 'jupyterhub:auth.users[0]' alice`;
  const BY_GROUP = NOBODY.replace("admins,", "admins, or a group,");
  const refused: [string, Record<string, unknown>, string, Record<string, string>?][] = [
    // Nobody
    ["no rule", { kind: "shared-password" }, `auth: expected ${NOBODY}`],
    [
      "no rule for a provider",
      { kind: "oidc", ...APPLICATION, issuer: "https://a" },
      `auth: expected ${BY_GROUP}`,
    ],
    [
      "a domain without a rule",
      { kind: "google", ...APPLICATION, hostedDomains: ["a.org"] },
      `auth: expected ${BY_GROUP}`,
    ],
    [
      "idps without a rule",
      { kind: "cilogon", ...APPLICATION, idps: { [IDP]: { usernameClaim: "eppn" } } },
      `auth: expected ${NOBODY}`,
    ],
    ["blocked people only", { ...LTI, blocked: ["eve"] }, `auth: expected ${NOBODY}`],
    [
      "an empty file",
      { kind: "pam", passwords: "a:$6$a$b", usersFile: "none" },
      `auth: expected ${NOBODY}`,
      { none: "# nobody\n" },
    ],
    [
      "nobody who approves",
      { kind: "native", users: ["ann"] },
      `auth.admins: expected at least one name: administrators have to approve sign-ups, got none. ${SET} 'jupyterhub:auth.admins[0]' admin`,
    ],
    // Anybody
    [
      "open sign-up for all",
      { kind: "native", admins: ["root"], signUp: "open", allowAll: true },
      `auth.allowAll: expected names, or signUp: approval, got true with open sign-up: whoever finds the page would get a server. ${REMOVE} 'jupyterhub:auth.allowAll'`,
    ],
    [
      "all of GitHub",
      { kind: "github", ...APPLICATION, allowAll: true },
      `auth.allowAll: expected names, or organizations, got true with GitHub, where everybody can have an account. ${REMOVE} 'jupyterhub:auth.allowAll'`,
    ],
    [
      "all of gitlab.com",
      { kind: "gitlab", ...APPLICATION, url: "https://gitlab.com/", allowAll: true },
      `auth.allowAll: expected names, or allowedGroups, got true with gitlab.com, where everybody can have an account. ${REMOVE} 'jupyterhub:auth.allowAll'`,
    ],
    [
      "all of Google",
      { kind: "google", ...APPLICATION, allowAll: true },
      `auth.allowAll: expected names, or hostedDomains, got true with Google, where everybody can have an account. ${REMOVE} 'jupyterhub:auth.allowAll'`,
    ],
    [
      "all tenants",
      { kind: "azuread", ...APPLICATION, tenant: "common", allowAll: true },
      `auth.tenant: expected the id or the domain of your own tenant (not common, organizations or consumers), got "common". ${SET} 'jupyterhub:auth.tenant' 0b6b3c5e-3f0d-4a0e-8f2e-1d2c3b4a5f60`,
    ],
    // Combinations
    [
      "a provider without addresses",
      { kind: "oidc", ...APPLICATION, users: ["ann"] },
      `auth.issuer: expected the address of a provider, or authorizeUrl, tokenUrl and userdataUrl, got nothing. ${SET} 'jupyterhub:auth.issuer' https://sso.example.org`,
    ],
    [
      "an address beside the issuer",
      { kind: "oidc", ...APPLICATION, issuer: "https://a", tokenUrl: "https://a/t", users: ["ann"] },
      `auth.tokenUrl: expected no address together with issuer, which provides them all, got one. ${REMOVE} 'jupyterhub:auth.tokenUrl'`,
    ],
    [
      "a directory without a way to people",
      { ...LDAP, bindDn: undefined },
      `auth.bindDn: expected bindDn, or search, got nothing. ${SET} 'jupyterhub:auth.bindDn[0]' 'uid={username},ou=people,dc=example,dc=org'`,
    ],
    [
      "a directory with two ways",
      { ...LDAP, search: { base: "dc=x" } },
      `auth.bindDn: expected one of bindDn and search, got both. ${REMOVE} 'jupyterhub:auth.bindDn'`,
    ],
    [
      "a searcher without a password",
      { ...LDAP, bindDn: undefined, search: { base: "dc=x", user: "cn=hub" } },
      `auth.search.password: expected the password of search.user, got nothing. Set it with: ./hub pulumi config set --stack dev --secret --path 'jupyterhub:auth.search.password'`,
    ],
    [
      "Google's groups that nobody may read",
      { kind: "google", ...APPLICATION, hostedDomains: ["a.org"], allowedGroups: ["it"] },
      `auth.groupsAccess.administrator: expected an account that may read groups, got nothing. ${SET} 'jupyterhub:auth.groupsAccess.administrator' admin`,
    ],
    // Names
    [
      "two people with one name",
      {
        kind: "oidc",
        ...APPLICATION,
        issuer: "https://a",
        allowAll: true,
        usernames: { map: { a: "x", b: "x" } },
      },
      `auth.usernames.map.b: expected a name that nobody else has, got the name of a. ${REMOVE} 'jupyterhub:auth.usernames.map.b'`,
    ],
    [
      "domains that would be one",
      { ...LTI, allowAll: true, usernames: { fromEmail: true, domains: ["a-b.org", "a.b-org"] } },
      `auth.usernames.domains[1]: expected domains whose names differ in more than . and -, got a.b-org, which is too close to a-b.org. ${REMOVE} 'jupyterhub:auth.usernames.domains[1]'`,
    ],
    [
      "a name twice",
      { kind: "github", ...APPLICATION, users: ["Ann", "ann"] },
      `auth.users[1]: expected every name once, got "ann" again. ${REMOVE} 'jupyterhub:auth.users[1]'`,
    ],
    // Files
    [
      "a line that is none",
      { kind: "github", ...APPLICATION, usersFile: "userlist" },
      `auth.usersFile: expected one user name on each line, followed by admin for an administrator, got "ben owner" on line 2 of userlist. Correct the line, or put a # before it. Put names with spaces in quotes.`,
      { userlist: "ann\nben owner\n" },
    ],
    [
      "a file that is not there",
      { kind: "github", ...APPLICATION, usersFile: "userlist" },
      `auth.usersFile: expected a file that can be read, got "userlist", which does not exist. Put the file there, or correct the path (relative to the folder of Pulumi.yaml).`,
    ],
    [
      "a key for a certificate",
      { ...LDAP, caFile: "key.pem" },
      `auth.caFile: expected a PEM file with certificates, got "key.pem", which has none. Put the certificate of the authority there, from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----.`,
      { "key.pem": "-----BEGIN PRIVATE KEY-----" },
    ],
    [
      "a damaged certificate",
      { ...LDAP, caFile: "ca.pem" },
      `auth.caFile: expected a PEM file with certificates, got "ca.pem", which has none. Put the certificate of the authority there, from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----.`,
      { "ca.pem": PEM.replace("MII", "") },
    ],
    // Other kinds' keys
    [
      "people for temporary users",
      { kind: "anonymous", users: ["ann"] },
      `auth.users: expected a key of this kind (kind, loginService, autoLogin), got a key of another kind. ${REMOVE} 'jupyterhub:auth.users'`,
    ],
  ];
  for (const [what, auth, message, files] of refused) {
    it(`is refused: ${what}`, () => {
      assert.deepEqual(refusals(auth, files), [message]);
    });
  }

  it("never tells a secret, however wrong it is", () => {
    for (const passwords of ["ann:hunter2", "hunter2", "ann:$6$x$y\nhunter2"]) {
      const [message = ""] = refusals({ kind: "pam", passwords, allowAll: true });
      assert.match(
        message,
        /^auth\.passwords: expected lines of name:hash, .* got a secret value of another form\. /,
      );
      assert.doesNotMatch(message, /hunter2/);
    }
  });
});
