/** Environment variables of servers: in clear or secret, not both. */
import type { Path } from "../errors";
import type { Report, Values } from "./report";
import { words } from "./words";

export function checkEnvironment({ notebook, groups = {}, users = {} }: Values, report: Report): void {
  const places: [Path, { readonly environment: object; readonly secrets: object }][] = [
    ...(notebook?.profiles ?? []).map((of, index): (typeof places)[number] => [
      ["notebook", "profiles", index],
      of,
    ]),
    ...Object.entries(groups).map(([name, of]): (typeof places)[number] => [["groups", name], of]),
    ...Object.entries(users).map(([name, of]): (typeof places)[number] => [["users", name], of]),
  ];
  for (const [path, { environment, secrets }] of places) {
    for (const name of Object.keys(environment).filter((one) => Object.hasOwn(secrets, one))) {
      report.refuse(
        [...path, "environment", name],
        words`a variable that is not in secrets of the same place, too`,
        {
          got: words`one that is in both`,
          remove: true,
        },
      );
    }
  }
}
