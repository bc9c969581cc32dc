/** Where the hub finds things in its container. */
export const paths = {
  settings: "/etc/jupyterhub/config.json",
  data: "/srv/jupyterhub",
  proxy: "/srv/proxy",
  routes: "/srv/proxy/routes.json",
  secrets: "/run/secrets",
} as const;

/** The network alias under which notebooks and the reverse proxy reach the hub. */
export const HUB_ALIAS = "hub";
