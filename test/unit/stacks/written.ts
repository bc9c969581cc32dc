/** Configurations as administrators write them: one of each kind of login, and one of each variant with much in it. */
import { splitPem } from "../../../components/tls/openssl";
import type { AuthConfig } from "../../../config";
import { authority } from "./stack-run";

type Written = Readonly<Record<string, unknown>>;

/** Files that the configurations name. */
export const files: Readonly<Record<string, string>> = {
  "./ca.pem": splitPem(authority).certificate,
  "./extra.py": "c.JupyterHub.admin_access = False\n",
  "pages/templates/page.html": '{% extends "templates/page.html" %}\n',
  "pages/static/own.css": "body { color: black; }\n",
  "pages/logo.svg": "<svg/>",
};

const people = { users: ["bob", "alice"], admins: ["root"] };
const application = { clientId: "4ff1c8", clientSecret: "secret-of-the-client" };
const oauth = { ...application, ...people, loginService: "University", refreshAge: 900, caFile: "./ca.pem" };

/** A section `auth` of each kind, with most of its keys. */
export const logins: { readonly [Kind in AuthConfig["kind"]]: Written } = {
  "shared-password": { kind: "shared-password", ...people, blocked: ["mallory"], apiLogin: true },
  native: {
    kind: "native",
    ...people,
    signUp: "open",
    passwords: { minimumLength: 12, refuseCommon: false },
    lockout: { attempts: 3, seconds: 1800 },
    askEmail: true,
    twoFactor: true,
  },
  github: {
    kind: "github",
    url: "https://github.example.org/",
    ...oauth,
    organizations: ["z-lab", "a-lab:team"],
    allowedGroups: ["z-lab:staff"],
    adminGroups: ["z-lab:admins"],
    manageGroups: true,
  },
  gitlab: { kind: "gitlab", ...oauth, projectIds: [4711, 42], usernames: { map: { "Alice.B": "alice" } } },
  google: {
    kind: "google",
    ...oauth,
    hostedDomains: ["example.org"],
    allowedGroups: ["staff"],
    groupsAccess: { administrator: "admin", serviceAccountKey: "{}", nested: true },
  },
  azuread: {
    kind: "azuread",
    tenant: "example.org",
    ...oauth,
    allowAll: true,
    usernameClaim: "upn",
    usernames: { fromEmail: true, domains: ["uni-example.org"] },
  },
  oidc: {
    kind: "oidc",
    issuer: "https://sso.example.org/realms/university",
    ...oauth,
    scopes: ["openid", "email"],
    groupsClaim: "realm_access.roles",
    authorizeParameters: { prompt: "select_account" },
    basicAuth: true,
    autoLogin: true,
  },
  cilogon: {
    kind: "cilogon",
    ...application,
    ...people,
    idps: { "https://idp.example.edu/shibboleth": { usernameClaim: "eppn", stripDomain: "example.edu" } },
  },
  ldap: {
    kind: "ldap",
    server: "ldap.example.org",
    tls: "ldaps",
    ...people,
    caFile: "./ca.pem",
    search: { base: "dc=example,dc=org", user: "cn=hub,dc=example,dc=org", password: "of-the-hub" },
    groupMembers: "memberUid",
    allowedGroups: ["cn=physics,dc=example,dc=org"],
    apiLogin: true,
  },
  pam: { kind: "pam", ...people, passwords: "alice:$6$Kx3dS0rM$0cC5fmm/rdjsEMzOAynXMrm4gn" },
  lti13: {
    kind: "lti13",
    issuer: "https://moodle.example.org",
    authorizeUrl: "https://moodle.example.org/mod/lti/auth.php",
    jwksUrl: "https://moodle.example.org/mod/lti/certs.php",
    clientIds: ["Kq8p2", "Aq8p2"],
    usernameKey: "custom_uname",
    ...people,
  },
  anonymous: { kind: "anonymous", autoLogin: false },
};

/** The least that each variant is made from. */
export const least: { readonly [Variant in "single-host" | "lockdown" | "swarm"]: Written } = {
  "single-host": { variant: "single-host", domain: "hub.example.org" },
  lockdown: { variant: "lockdown", domain: "hub.example.org" },
  swarm: {
    variant: "swarm",
    domain: "hub.example.org",
    swarm: {
      registry: { address: "registry:5000" },
      homes: { kind: "shared-path", path: "/mnt/homes" },
    },
  },
};

/** What all variants can do, and the defaults do not. */
const much = {
  auth: logins["shared-password"],
  dns: { addresses: ["192.0.2.7"] },
  edge: {
    userSubdomains: true,
    metrics: true,
    allow: ["192.0.2.0/24"],
    redirectedDomains: ["www.example.org"],
  },
  ports: { https: 8443, http: 8080 },
  hub: {
    baseUrl: "/jupyter",
    logLevel: "DEBUG",
    metrics: "public",
    loginLockout: { attempts: 5, window: "10m", duration: "1h" },
    announcement: { all: "Maintenance on Friday.", login: "Welcome.", home: "H", spawn: "S", logout: "Bye." },
    logo: "pages/logo.svg",
    templates: "pages/templates",
    staticFiles: "pages/static",
    roles: {
      tutor: { description: "Looks in", scopes: ["list:users", "access:servers"], users: ["bob", "alice"] },
      reader: { scopes: ["read:users"], groups: ["physics"], services: ["report"] },
    },
    environment: { TZ: "Europe/Berlin", B: 1 },
    secretEnvironment: { HTTPS_PROXY: "http://hub:password@proxy.example.org:3128" },
    services: {
      report: {
        scopes: ["list:users"],
        command: ["python", "-m", "report"],
        environment: { INTERVAL: 60 },
        secrets: { API_KEY: "key-of-the-report" },
      },
      grader: {
        url: "http://grader.example.org:9000",
        token: "token-of-the-grader-with-32-characters",
        display: false,
        oauthRedirectUri: "/oauth_callback",
        oauthNoConfirm: true,
      },
    },
    extraConfig: { kind: "file", path: "./extra.py", secrets: { smtp_password: "of-the-mail-server" } },
    image: {
      packages: ["jupyterhub-firstuseauthenticator==1.1.0"],
      args: { PIP_INDEX_URL: "https://p/simple" },
    },
  },
  servers: {
    idle: {
      timeout: "1h",
      maxAge: "7d",
      checkInterval: "5m",
      exceptions: [
        { kind: "profile", name: "large", timeout: "8h" },
        { kind: "group", name: "physics", maxAge: "never" },
      ],
    },
    named: 2,
    activeServerLimit: 50,
    httpTimeout: "1m",
    lastActivityInterval: "4m",
    disableUserConfig: true,
  },
  notebook: {
    command: ["start-notebook.py"],
    startPage: "notebook",
    environment: { TZ: "Europe/Berlin", DEBUG: true },
    limits: { memory: "2G", swap: "unlimited", cpus: 1.5, processes: 1024 },
  },
  storage: {
    shared: true,
    colab: true,
    foldersPath: "/home/jovyan/folders",
    labSettings: { apart: true },
    volumes: {
      datasets: {
        mountPath: "/data",
        readOnly: true,
        groups: ["physics"],
        driver: "nfs",
        options: { b: "2", a: "1" },
      },
      scratch: { mountPath: "/scratch", name: "scratch-{username}" },
    },
    owner: { uid: 2000, gid: 2000 },
    retain: false,
  },
  groups: {
    physics: { members: ["bob", "alice"], folder: "read-write", limits: { memory: "4G", processes: 600 } },
    "/staff/it": { fromLogin: true, folder: "read-only", secrets: { API_KEY: "of-staff" } },
  },
  users: {
    bob: {
      limits: { cpus: 4, swap: "1G" },
      environment: { MINE: "{username}" },
      secrets: { api_key: "of-bob" },
    },
  },
  logging: { maxSize: "20m", maxFiles: 5 },
  network: { selfCheck: true },
};

const profiles = [
  { name: "Small", default: true, startPage: "lab" },
  {
    name: "Large",
    description: "With much memory",
    limits: { memory: "8G", processes: 2048, cpus: 8, swap: "1G" },
    environment: { OMP_NUM_THREADS: 2 },
    secrets: { LICENSE: "of-large" },
    command: ["start-large.py"],
    image: { kind: "pull", name: "quay.io/jupyter/base-notebook:2026-10-05" },
    users: ["bob", "alice"],
    groups: ["physics"],
  },
];

/** A configuration of each variant in which most that it can do is done. */
export const rich: { readonly [Variant in keyof typeof least]: Written } = {
  "single-host": {
    ...least["single-host"],
    ...much,
    tls: {
      kind: "acme",
      email: "root@example.org",
      challenge: {
        kind: "dns-01",
        provider: "rfc2136",
        environment: { RFC2136_NAMESERVER: "192.0.2.53", RFC2136_TSIG_SECRET: "of-the-zone" },
      },
    },
    database: { kind: "postgres", memory: "512m" },
    notebook: {
      ...much.notebook,
      gpus: 1,
      image: { kind: "packages", pip: ["numpy==2.4.0"], apt: ["jq"] },
      profiles: [...profiles, { name: "GPUs", gpus: "all" }, { name: "Two GPUs", gpus: ["0", "1"] }],
    },
    storage: { ...much.storage, users: true, homes: { kind: "tree", root: "/srv/homes" } },
    backup: {
      to: "rest:https://backup.example.org:8000/hub",
      password: "of-the-backups",
      secrets: { RESTIC_REST_USERNAME: "hub", RESTIC_REST_PASSWORD: "of-the-rest-server" },
      at: "01:30",
      keep: { daily: 14, weekly: 8, monthly: 24 },
    },
    network: { subnet: "10.200.8.0/21", allow: [{ to: "192.168.7.20", ports: [443] }], selfCheck: true },
  },
  lockdown: {
    ...least.lockdown,
    ...much,
    hub: {
      ...much.hub,
      extraConfig: {
        kind: "parts",
        parts: { "20-b": { kind: "text", text: "c.A.b = 1" }, "10-a": { kind: "file", path: "./extra.py" } },
      },
    },
    tls: { kind: "off", trustedProxies: ["192.0.2.0/24", "10.0.0.0/8"] },
    database: {
      kind: "url",
      url: "postgresql://hub:of-the-database@db.example.org/hub",
      ca: "./ca.pem",
      moveFrom: "nothing",
    },
    notebook: { ...much.notebook, profiles },
    storage: {
      ...much.storage,
      homes: {
        kind: "volume",
        name: "home-of-{username}",
        driver: "nfs",
        options: { o: "rw", device: ":/homes" },
      },
    },
    backup: { to: "/mnt/backup", password: "of-the-backups" },
    egress: {
      allow: [
        { host: "*.packages.example.org" },
        { host: "internal.example.org", ports: [8080], groups: ["physics"] },
      ],
    },
  },
  swarm: {
    ...least.swarm,
    ...much,
    database: { kind: "url", url: "postgresql://hub:of-the-database@db.example.org/hub" },
    notebook: { ...much.notebook, profiles },
    swarm: {
      advertise: "10.0.0.10",
      nodes: [{ name: "node2", host: "ssh://admin@node2" }],
      network: { subnet: "172.30.0.0/24", control: "172.30.1.0/24", encrypted: true },
      registry: { address: "registry:5000/hub", user: "me", password: "of-the-registry" },
      proxy: { replicas: 2, constraints: ["node.labels.entry==yes"] },
      homes: { kind: "shared-path", path: "/mnt/homes" },
      data: { kind: "shared-path", path: "/mnt/hub" },
      notebooks: {
        constraints: ["node.role==worker", "node.labels.a==yes"],
        ofProfiles: { large: ["node.labels.large==yes"] },
        ofGroups: { physics: ["node.labels.physics==yes"] },
        reservedMemory: "512m",
        reservedCpus: 0.5,
      },
    },
  },
};
