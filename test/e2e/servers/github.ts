import { type Answer, OAuthServer } from "./oauth";

export interface GitHubPerson {
  readonly login: string;
  /** Organisations, and teams as organisation:team. */
  readonly memberOf: readonly string[];
}

/** GitHub Enterprise Server as far as a login needs it. Teams come one a page. */
export function githubServer(): OAuthServer<GitHubPerson> {
  return new OAuthServer<GitHubPerson>({
    authorizePath: "/login/oauth/authorize",
    tokenPath: "/login/oauth/access_token",
    api(path, query, person, url): Answer {
      const isMember = (of: string) => ({ status: person.memberOf.includes(of) ? 204 : 404 });
      if (path === "/api/v3/user") {
        return { status: 200, body: { login: person.login, id: 1, email: null } };
      }
      if (path === "/api/v3/user/teams") {
        const teams = person.memberOf.filter((name) => name.includes(":"));
        const page = Number(query.get("page") ?? "1");
        const body = teams.slice(page - 1, page).map((name) => {
          const [login, slug] = name.split(":");
          return { slug, organization: { login } };
        });
        const next = `<${url}/api/v3/user/teams?page=${page + 1}>; rel="next"`;
        return { status: 200, body, headers: page < teams.length ? { link: next } : {} };
      }
      const [, organization = "", team] =
        /^\/api\/v3\/orgs\/([^/]+)(?:\/teams\/([^/]+))?\/members\//.exec(path) ?? [];
      return isMember(team === undefined ? organization : `${organization}:${team}`);
    },
  });
}
