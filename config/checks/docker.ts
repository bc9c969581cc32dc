/** The address of the Docker Engine, and the certificates for it. */
import { isIP } from "node:net";
import { withPort } from "../../docker-api/address";
import { isCertificate, isKeyOf } from "../certificate";
import { describeValue, formatKey, setCommand } from "../errors";
import type { ParseContext } from "../context";
import { readText, show, type CheckResult, type Values } from "./check";

/** Port 2375 is the Docker API without TLS: whoever reaches it is root on that host. */
export function checkDockerHost({ docker }: Values, context: ParseContext): Partial<CheckResult> {
  if (docker?.tls !== undefined) return {};
  const host = /^tcp:\/\/(.*):2375$/.exec(docker?.host ?? "")?.[1];
  if (
    host === undefined ||
    host === "localhost" ||
    host === "[::1]" ||
    (isIP(host) === 4 && host.startsWith("127."))
  ) {
    return {};
  }
  const key = formatKey(context.project, ["docker", "host"]);
  return {
    warnings: [
      `${key}: the Docker API on port 2375 is neither encrypted nor protected: whoever reaches it rules the host. ` +
        "Use ssh://user@host, or tcp:// with docker.tls.",
    ],
  };
}

/** Files that an engine with TLS is reached with: they are there, and certificate and key belong together. */
export function checkDockerTls({ docker }: Values, context: ParseContext): Partial<CheckResult> {
  if (!docker) return {};
  const { host, tls } = docker;
  if (tls === undefined) return {};
  if (!host?.startsWith("tcp://")) {
    const error = {
      key: formatKey(context.project, ["docker", "host"]),
      expected: "an address tcp://host:port, which docker.tls is for",
      got: show(context, "docker", describeValue(host)),
      fix: `Set it with: ${setCommand(context.project, ["docker", "host"], "tcp://docker.example.org:2376")}`,
    };
    return { errors: [error] };
  }
  const names = ["ca", "certificate", "key"] as const;
  const texts = names.map((name) => readText(["docker", "tls", name], tls[name], context));
  const unread = texts.filter((text) => typeof text !== "string");
  if (unread.length > 0) return { errors: unread };
  const [caPem = "", certificatePem = "", keyPem = ""] = texts as string[];
  const wrong = (name: (typeof names)[number], expected: string): Partial<CheckResult> => ({
    errors: [
      {
        key: formatKey(context.project, ["docker", "tls", name]),
        expected,
        got: `${show(context, "docker", describeValue(tls[name]))}, which is none`,
        fix: "Put the file there, or correct the path (relative to the folder of Pulumi.yaml).",
      },
    ],
  });
  if (!isCertificate(caPem)) return wrong("ca", "a PEM file with certificates");
  if (!isCertificate(certificatePem)) return wrong("certificate", "a PEM file with a certificate");
  if (!isKeyOf(keyPem, certificatePem))
    return wrong("key", "a PEM file with the private key of the certificate");
  return {
    derived: { docker: { host: withPort(host, true), tls: { ...tls, caPem, certificatePem, keyPem } } },
  };
}
