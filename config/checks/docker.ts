/** The address of the Docker Engine, and the certificates for it. */
import { isIP } from "node:net";

import { withPort } from "../../docker-api/address";
import { isKeyOf } from "../values/certificate";
import { readCertificates, readText } from "./files";
import type { Report, Values } from "./report";
import { words } from "./words";

/** Port 2375 is the Docker API without TLS: whoever reaches it is root on that host. */
export function checkDockerHost({ docker }: Values, report: Report): void {
  if (docker?.tls !== undefined) {
    return;
  }
  const host = /^tcp:\/\/(.*):2375$/.exec(docker?.host ?? "")?.[1];
  if (
    host === undefined ||
    host === "localhost" ||
    host === "[::1]" ||
    (isIP(host) === 4 && host.startsWith("127."))
  ) {
    return;
  }
  report.warn(
    words`${report.key(["docker", "host"])}: the Docker API on port 2375 is neither encrypted nor protected: whoever can reach it controls the host. Use ssh://user@host, or tcp:// with docker.tls.`,
  );
}

/** Files that an engine with TLS is reached with: they are there, and certificate and key belong together. */
export function checkDockerTls({ docker }: Values, report: Report): void {
  if (docker?.tls === undefined) {
    return;
  }
  const { host, tls } = docker;
  if (!host?.startsWith("tcp://")) {
    report.refuse(["docker", "host"], words`an address tcp://host:port, since docker.tls is set`, {
      set: "tcp://docker.example.org:2376",
    });
    return;
  }
  const at = (name: keyof typeof tls) => ["docker", "tls", name];
  const caPem = readCertificates(report, at("ca"), tls.ca);
  const certificatePem = readCertificates(report, at("certificate"), tls.certificate);
  const keyPem = readText(report, at("key"), tls.key);
  if (caPem === undefined || certificatePem === undefined || keyPem === undefined) {
    return;
  }
  if (!isKeyOf(keyPem, certificatePem)) {
    report.refuse(at("key"), words`a PEM file with the private key of the certificate`, {
      got: words`${report.value(at("key"))}, which is not one`,
      fix: words`Put the file there, or correct the path (relative to the folder of Pulumi.yaml).`,
    });
    return;
  }
  report.derive({
    docker: { host: withPort(host, true), tls: { ...tls, caPem, certificatePem, keyPem } },
  });
}
