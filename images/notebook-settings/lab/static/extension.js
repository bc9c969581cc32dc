// Shows what the server's extension jupyterhub_kernels tells: an event, for which JupyterLab has a connection anyway.
// Written as a module of JupyterLab's federation without a build: it needs nothing but what it is given.
(() => {
  const SCHEMA = "https://jupyterhub-on-docker.invalid/kernel-died";
  const plugin = {
    id: "jupyterhub-on-docker:kernels",
    autoStart: true,
    activate: ({ commands, serviceManager }) => {
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
