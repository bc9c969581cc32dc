/** What nobody can change of a container but by making another one of its name. */
import type { Inspected } from "../../docker-api/containers";
import { difference, entries, type Fields, text, texts } from "./fields";

/** The engine writes capabilities with and without it. */
const capability = (name: string): string => name.replace(/^CAP_/, "");

/** Where words were asked for, which are too many to be shown: what an image brings by itself is no change. */
const words = (field: string, wanted: unknown, found: readonly string[]): string[] =>
  texts(wanted).length === 0 || texts(wanted).join("\0") === found.join("\0")
    ? []
    : [`${field}: it is another one`];

/** What is different, field by field. The values of variables may be secret, so these are told by their names. */
export function settingsChanges(outputs: Fields, { Image, Config, HostConfig: host }: Inspected): string[] {
  const image = text(outputs["image"]);
  const variables = texts(outputs["envs"]).filter((one) => !Config.Env.includes(one));
  const { adds, drops } = entries([outputs["capabilities"]])[0] ?? {};
  const ports = entries(outputs["ports"]).map(({ internal, external, ip, protocol }) =>
    shownPort(text(ip), external, internal, text(protocol) || "tcp"),
  );
  const published = Object.entries(host.PortBindings ?? {}).flatMap(([port, bindings]) => {
    const [internal, protocol = "tcp"] = port.split("/");
    return (bindings ?? []).map(({ HostIp, HostPort }) => shownPort(HostIp, HostPort, internal, protocol));
  });
  return [
    ...(/^sha256:/.test(image) ? difference("image", [short(image)], [short(Image)]) : []),
    ...words("command", outputs["command"], Config.Cmd),
    ...words("entrypoint", outputs["entrypoints"], Config.Entrypoint),
    ...(text(outputs["user"]) === "" ? [] : difference("user", [outputs["user"]], [Config.User || "root"])),
    ...(variables.length === 0 ? [] : [`environment: ${names(variables)} missing or different`]),
    ...difference("privileged", [outputs["privileged"] === true], [host.Privileged === true]),
    ...difference("read-only", [outputs["readOnly"] === true], [host.ReadonlyRootfs === true]),
    ...difference("added capabilities", texts(adds).map(capability), host.CapAdd.map(capability)),
    ...difference("dropped capabilities", texts(drops).map(capability), host.CapDrop.map(capability)),
    ...difference(
      "devices",
      entries(outputs["devices"]).map(({ hostPath }) => hostPath),
      (host.Devices ?? []).map(({ PathOnHost }) => PathOnHost),
    ),
    ...difference("ports", ports, published),
    ...difference("name servers", texts(outputs["dns"]), host.Dns),
  ];
}

const short = (image: string): string => image.replace(/^sha256:/, "").slice(0, 12);

const names = (variables: readonly string[]): string =>
  variables
    .map((one) => one.split("=")[0])
    .sort()
    .join(", ");

const shownPort = (ip: string, external: unknown, internal: unknown, protocol: string): string =>
  `${ip || "0.0.0.0"}:${String(external)}->${String(internal)}/${protocol}`;
