import { type Answer, OAuthServer } from "./oauth";

export interface GitLabPerson {
  readonly id: number;
  readonly username: string;
  readonly email: string;
  /** Full paths. */
  readonly groups: readonly string[];
  /** Access levels by the number of the project. */
  readonly projects?: Readonly<Record<string, number>>;
}

/** A GitLab server as far as a login needs it. */
export function gitlabServer(): OAuthServer<GitLabPerson> {
  return new OAuthServer<GitLabPerson>({
    authorizePath: "/oauth/authorize",
    tokenPath: "/oauth/token",
    api(path, _query, { groups, projects, ...person }): Answer {
      if (path === "/api/v4/user") {
        return { status: 200, body: person };
      }
      if (path === "/api/v4/version") {
        return { status: 200, body: { version: "18.5.0-ee" } };
      }
      if (path === "/api/v4/groups") {
        return { status: 200, body: groups.map((name, id) => ({ id, full_path: name })) };
      }
      const project = /^\/api\/v4\/projects\/(\d+)\/members\/all\/(\d+)$/.exec(path);
      const level = project?.[2] === String(person.id) ? projects?.[project[1] ?? ""] : undefined;
      return level === undefined ? { status: 404, body: {} } : { status: 200, body: { access_level: level } };
    },
  });
}
