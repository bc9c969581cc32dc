/** Files that a container which has ended put into volumes. */
import { written } from "../../components/storage/volume-files";
import { entriesOf } from "../../docker-api/archive";
import type { LookAt } from "./engine";
import { isFields } from "./fields";

type Outputs = Readonly<Record<string, unknown>>;

/** What is different of the files that a container of `VolumeFiles` wrote; nothing of any other container. */
export async function changedFiles(outputs: Outputs, engine: LookAt): Promise<string[]> {
  const command = Array.isArray(outputs["command"]) ? String(outputs["command"][0] ?? "") : "";
  const sources = outputs["mustRun"] === false ? written(command) : [];
  const uploads = new Map(
    (Array.isArray(outputs["uploads"]) ? outputs["uploads"].filter(isFields) : []).map((one) => [
      one["file"],
      one,
    ]),
  );
  const looked = await Promise.all(
    sources.map(async ({ from, to }) => {
      const upload = uploads.get(from);
      if (typeof upload?.["content"] !== "string") {
        return [];
      }
      const archive = await engine.archive(String(outputs["id"]), to);
      const [found] = archive === undefined ? [] : entriesOf(archive);
      if (found === undefined) {
        return [`file ${to}: it is gone`];
      }
      // What is in it may be secret.
      return found.content.equals(Buffer.from(upload["content"]))
        ? []
        : [`file ${to}: its content was changed`];
    }),
  );
  return looked.flat();
}
