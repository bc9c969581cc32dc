import type * as pulumi from "@pulumi/pulumi";

import { Postgres } from "../components/database/postgres";
import type { Kept } from "../components/generated";
import { DATABASE_CA, type PostgresConnection } from "../components/hub/settings/database";
import { DataVolume } from "../components/storage/data-volume";
import type { DatabaseConfig, HubConfig } from "../config";

/** What the hub has to know of its database. */
export interface HubDatabase {
  readonly connection?: PostgresConnection;
  /** Files for the hub, by name. */
  readonly secrets: Readonly<Record<string, pulumi.Input<string>>>;
  /** What has to be there before the hub. */
  readonly dependsOn: readonly pulumi.Resource[];
}

interface Context {
  readonly config: HubConfig;
  readonly platform: string;
  /** Name of the control network. */
  readonly network: pulumi.Input<string>;
  readonly opts: pulumi.ComponentResourceOptions;
  /** Secrets from before the stack's state was lost. */
  readonly kept?: Kept | undefined;
}

type Strategy<Kind extends DatabaseConfig["kind"]> = (
  database: Extract<DatabaseConfig, { kind: Kind }>,
  context: Context,
) => HubDatabase;

const strategies: { readonly [Kind in DatabaseConfig["kind"]]: Strategy<Kind> } = {
  sqlite: () => ({ secrets: {}, dependsOn: [] }),

  postgres: (database, { config, platform, network, opts, kept }) => {
    const { name: prefix, logging, storage } = config;
    const data = new DataVolume(
      "database-data",
      { prefix, role: "database-data", retain: storage.retain },
      opts,
    );
    const postgres = new Postgres(
      "database",
      {
        prefix,
        imageName: database.image,
        platform,
        memory: database.memory,
        network,
        volume: data.volume.name,
        logging,
        kept,
      },
      opts,
    );
    return {
      connection: postgres.connection,
      secrets: { database_password: postgres.password },
      dependsOn: [postgres],
    };
  },

  // The address itself is a secret of the configuration: the hub has all of those as files.
  url: (database) => ({
    secrets: Object.fromEntries(database.caPem === undefined ? [] : [[DATABASE_CA, database.caPem]]),
    dependsOn: [],
  }),
};

/** Makes the hub's database, where the stack has one of its own. */
export function hubDatabase(context: Context): HubDatabase {
  const { database } = context.config;
  return (strategies[database.kind] as Strategy<typeof database.kind>)(database, context);
}
