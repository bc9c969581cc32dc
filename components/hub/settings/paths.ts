/** Where the hub finds things in its container. */
export const paths = {
  settings: "/etc/jupyterhub/config.json",
  people: "/srv/people/people.json",
  lastPeople: "/srv/jupyterhub/people-last.json",
  data: "/srv/jupyterhub",
  proxy: "/srv/proxy",
  routes: "/srv/proxy/routes.json",
  secrets: "/run/secrets",
} as const;

/** The network alias under which notebooks and the reverse proxy reach the hub. */
export const HUB_ALIAS = "hub";

/** Port of the hub there. */
export const HUB_PORT = 8081;

/** User and group of the hub, of Traefik and of Redis: each reads files that another wrote for nobody else. */
export const OWNER = { uid: 10001, gid: 10001 } as const;

/** The same as engines take it. */
export const USER = `${OWNER.uid}:${OWNER.gid}`;
