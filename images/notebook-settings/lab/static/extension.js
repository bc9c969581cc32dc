// Shows what the server's extension jupyterhub_kernels tells: an event, for which JupyterLab has a connection anyway.
// Written as a module of JupyterLab's federation without a build: it needs nothing but what it is given.
(() => {
  const SCHEMA = "https://jupyterhub-on-docker.invalid/kernel-died";

  // What the hub has to say of this server: that it runs an older image. Asked once, after JupyterLab is there. Not where
  // the hub has another host name, whose cookies are not sent, nor for visitors of somebody else's server.
  const tellNotices = async (commands) => {
    const page = JSON.parse(document.getElementById("jupyter-config-data")?.textContent ?? "{}");
    const { hubHost, hubPrefix, hubServerName, hubServerUser } = page;
    if (!hubPrefix || hubHost) {
      return;
    }
    const query = new URLSearchParams({ user: hubServerUser ?? "", server: hubServerName ?? "" });
    const answer = await fetch(`${hubPrefix}server-notices?${query}`);
    const { notices } = answer.ok && !answer.redirected ? await answer.json() : { notices: [] };
    for (const message of notices) {
      void commands.execute("apputils:notify", {
        message: String(message),
        type: "info",
        options: { autoClose: false },
      });
    }
  };

  const plugin = {
    id: "jupyterhub-on-docker:kernels",
    autoStart: true,
    activate: ({ commands, restored, serviceManager }) => {
      void restored.then(() => tellNotices(commands)).catch(() => undefined);
      serviceManager.events?.stream.connect((_, event) => {
        if (event.schema_id === SCHEMA) {
          void commands.execute("apputils:notify", {
            message: String(event.message),
            type: "error",
            options: { autoClose: false },
          });
        }
      });
    },
  };
  window._JUPYTERLAB ??= {};
  window._JUPYTERLAB["jupyterhub-on-docker"] = {
    init: () => {},
    get: () => Promise.resolve(() => ({ __esModule: true, default: plugin })),
  };
})();
