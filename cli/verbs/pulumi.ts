import { messageOf } from "../../setup/errors";
import { thisMachine } from "../../setup/machine";
import { findForPlain } from "../../setup/prepare";
import { openSession, runIn, settleStack } from "../../setup/session";
import { readStack } from "../../setup/stack";
import { stackOf, wantsConfigFile } from "../../setup/arguments";

// `npm run pulumi -- …`: a plain pulumi command with the environment and the configuration file of ./up.
async function main(argv: readonly string[]): Promise<number> {
  const machine = thisMachine();
  const stack = readStack(machine, stackOf(argv, machine.env));
  const session = openSession(machine, stack, await findForPlain(machine, stack));
  const file = wantsConfigFile(argv) ? await settleStack(session) : undefined;
  const args = file === undefined ? argv : [...argv, "--config-file", file];
  return (await runIn(session, args)).code;
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(`${messageOf(error)}\n`);
    process.exitCode = 1;
  },
);
