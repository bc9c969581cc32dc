/** The certificate that browsers get. An expired one keeps everybody out, however well the hub answers. */
import { checkServerIdentity, type PeerCertificate } from "node:tls";

import { plain } from "../../docker-api/plain";
import { found, type Look, notMade, WELL } from "./finding";
import { logsCommand, mendCommand, type Subject } from "./subject";

/** Common name of the authority of `tls.kind: self-signed`; components/tls/openssl.ts makes it. */
const OWN_AUTHORITY = "JupyterHub on Docker CA";

/** What is looked at; undefined without TLS. */
export type Served = Pick<PeerCertificate, "subject" | "issuer" | "subjectaltname" | "valid_to"> | undefined;

/** @param host that browsers ask for */
export function judgeCertificate(
  subject: Subject,
  place: string,
  served: Served,
  host: string,
  now: Date,
): Look {
  if (served === undefined) {
    return WELL;
  }
  const until = new Date(served.valid_to);
  const isOwn = first(served.issuer.CN) === OWN_AUTHORITY;
  if (until < now) {
    return found({
      what: `${place}: the certificate has expired, so browsers let nobody in`,
      since: until,
      ...(isOwn ? { fix: mendCommand(subject) } : { see: logsCommand(subject, "proxy") }),
    });
  }
  // The certificate that Traefik makes for itself has this name; it serves it while it has no other one.
  return checkServerIdentity(host, served as PeerCertificate) === undefined
    ? WELL
    : notMade(
        `${place}, the certificate for ${host}: the one that is served now is for ${plain(namesOf(served))}, so browsers ` +
          `warn. To see more:  ${logsCommand(subject, "proxy")}`,
      );
}

const first = (name: string | string[] | undefined): string => [name].flat()[0] ?? "";

const namesOf = ({ subject, subjectaltname }: NonNullable<Served>): string =>
  subjectaltname?.replaceAll(/\b(?:DNS|IP Address):/g, "") ?? first(subject.CN);
