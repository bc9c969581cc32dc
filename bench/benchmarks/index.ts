import type { Benchmark } from "../context";
import idle from "./idle";
import lockdown from "./lockdown";
import notebookStart from "./notebook-start";
import preview from "./preview";
import requests from "./requests";
import routes from "./routes";
import up from "./up";
import update from "./update";
import users from "./users";

/** By the names of `npm run bench -- NAME`. */
export const benchmarks: Readonly<Record<string, Benchmark>> = {
  preview,
  users,
  idle,
  "notebook-start": notebookStart,
  requests,
  routes,
  update,
  up,
  lockdown,
};
