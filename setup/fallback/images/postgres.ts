import type Docker from "dockerode";
import { pack } from "tar-stream";

import type { Say } from "../../command";
import { finished } from "./debian";

/** What the official image has that the database's container relies on: its user's number, its folders, its PATH. */
const dockerfile = (base: string, major: string): string => `FROM ${base}
RUN groupadd --system --gid 999 postgres \\
    && useradd --system --uid 999 --gid postgres --home-dir /var/lib/postgresql --shell /bin/bash postgres
RUN apt-get update \\
    && apt-get install --yes --no-install-recommends postgresql-common \\
    && sed -i 's/#\\?create_main_cluster.*/create_main_cluster = false/' /etc/postgresql-common/createcluster.conf \\
    && apt-get install --yes --no-install-recommends postgresql-${major} \\
    && rm -rf /var/lib/apt/lists/*
RUN install --directory --owner postgres --group postgres --mode 3777 /var/run/postgresql \\
    && install --directory --owner postgres --group postgres --mode 1777 /var/lib/postgresql/data
ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/usr/lib/postgresql/${major}/bin \\
    LANG=C.UTF-8 PG_MAJOR=${major} PGDATA=/var/lib/postgresql/data
VOLUME /var/lib/postgresql/data
STOPSIGNAL SIGINT
EXPOSE 5432
CMD ["postgres"]
`;

/**
 * Makes a PostgreSQL image from Debian's packages on top of a Debian image that the engine has.
 * @param name its tag starts with the major version, for example `postgres:17.11-trixie`; the minor one is Debian's.
 */
export async function buildPostgres(docker: Docker, name: string, base: string, say: Say): Promise<void> {
  const major = /:(\d+)/.exec(name)?.[1] ?? "";
  const context = pack();
  context.entry({ name: "Dockerfile" }, dockerfile(base, major));
  context.finalize();
  say(`building ${name} on ${base} (about a minute)`);
  const stream = await docker.buildImage(context, { t: name });
  await finished(docker, stream, (event) => {
    const line = (event as { stream?: string }).stream?.trim();
    if (line) {
      say(line);
    }
  });
}
