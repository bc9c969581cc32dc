/** What containers say, for people: without their secrets, and with the name of their stack. Pure. */

/** The text without any of the secrets, nor a line of one, nor the password in one that is an address. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  const hidden = secrets
    .flatMap((secret) => [secret, ...secret.split("\n"), ...passwordsIn(secret)])
    .map((part) => part.trim())
    // What is shorter is no secret of this program's, and would take words out of the text.
    .filter((part) => part.length >= 6 && !/^-+(BEGIN|END) /.test(part))
    .sort((a, b) => b.length - a.length);
  return [...new Set(hidden)].reduce((left, part) => left.replaceAll(part, "[secret]"), text);
}

function passwordsIn(secret: string): string[] {
  try {
    const { password } = new URL(secret);
    return [password, decodeURIComponent(password)];
  } catch {
    return [];
  }
}

/** Commands in a container's log with the name of the stack, for which it says STACK. */
export const withStackName = (text: string, stack: string): string =>
  text.replaceAll("--stack STACK", `--stack ${stack}`).replaceAll("./up STACK", `./up ${stack}`);
