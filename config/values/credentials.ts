/**
 * Passwords and tokens in addresses. What is no secret of the schema stays readable in the state, in previews and in
 * messages, so that no address may hold one (../checks/credentials). Pure.
 */

/** Who logs in with a key of his own: the name alone is no secret. For others a lone name is a token. */
const NAMED = /^(?:[a-z+]*ssh|sftp|rsync|postgres(?:ql)?|ldaps?)$/i;

/** `scheme://name:password@`, also without the scheme. What is behind a port is a path. */
const USER = /(?:\b([a-z][a-z0-9+.-]*):)?\/\/(?!\[|[^\s/?#@]*:\d*[/?#])([^\s?#@/:"'<>]*)(:[^\s"'<>]*)?@/gi;

/** `name:password@host`, as variables for proxies may have it. */
export const LOGIN_AT_HOST = /^(?!mailto:|sip:|acct:)[^\s:@/]+:[^\s@/]+@(?!sha\d+:)[^\s@/]+(?:\/|$)/i;

/** A part behind `?`, `&`, `;` or `#` whose name says that it is secret. */
const QUERY =
  /[?&;#]((?:[a-z0-9]+[_-])*(?:token|secret|password|passwd|pwd|apikey|api[_-]key|access[_-]key|private[_-]key|signature|sig))=([^\s&;#"'<>]+)/gi;

/** What stands for a value that is put in later. */
const isPlaceholder = (value: string): boolean =>
  /^(?:\$\w+|\$?\{.*\}|%\(.*\)s|%\w+%|\*+|…|\.\.\.)$/.test(value);

/** What a text holds that nobody may see: `a password`, `a user or a token`; undefined where it holds nothing. */
export function credentialsIn(text: string): string | undefined {
  for (const [, scheme = "", user = "", password] of text.matchAll(USER)) {
    if (password !== undefined && password !== ":") {
      if (isPlaceholder(password.slice(1))) {
        continue;
      }
      return "a password";
    }
    if (user !== "" && !isPlaceholder(user) && scheme !== "" && !NAMED.test(scheme)) {
      return "a user or a token";
    }
  }
  for (const [, name = "", value = ""] of text.matchAll(QUERY)) {
    if (!isPlaceholder(value)) {
      return /pass|pwd/i.test(name) ? "a password" : "a token";
    }
  }
  return undefined;
}

/** A text that may be shown: what looks like a login in an address is left out. */
export function withoutCredentials(text: string): string {
  return text
    .replaceAll(USER, (all: string, scheme: string | undefined, _: string, password: string | undefined) =>
      password === undefined && (scheme === undefined || NAMED.test(scheme))
        ? all
        : `${scheme === undefined ? "" : `${scheme}:`}//…@`,
    )
    .replaceAll(/(^|[\s"'=,])(?!mailto:)[^\s:@/"'=,]+:(?!\/\/)[^\s@"']+@(?!sha\d+:)/g, "$1…@")
    .replaceAll(QUERY, (all: string, _name: string, value: string) => `${all.slice(0, -value.length)}…`);
}
