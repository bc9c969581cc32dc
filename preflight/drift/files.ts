/** Files that the provider put into containers, and those that a container which has ended put into volumes. */
import { written } from "../../components/storage/volume-files";
import { entriesOf } from "../../docker-api/archive";
import type { Inspected } from "../../docker-api/containers";
import type { LookAt } from "./engine";
import { entries, type Fields, text, texts } from "./fields";

/** Milliseconds after a container was made in which its files are put there. */
const BEGINNING = 30_000;

interface Placed {
  readonly path: string;
  readonly content: Buffer;
  /** When it was there for certain. */
  readonly since: number;
}

/** What is different of a container's files. Their contents may be secret. */
export async function changedFiles(outputs: Fields, found: Inspected, engine: LookAt): Promise<string[]> {
  const looked = await Promise.all(
    placed(outputs, found).map(async ({ path, content, since }) => {
      const facts = await engine.facts(found.Id, path);
      if (facts === undefined) {
        return [`file ${path}: it is gone`];
      }
      // An archive costs the engine a process of its own: it is asked for what may have been written since alone.
      if (facts.size === content.length && facts.changed.getTime() <= since) {
        return [];
      }
      const archive = await engine.archive(found.Id, path);
      const [file] = archive === undefined ? [] : entriesOf(archive);
      return file?.content.equals(content) === true ? [] : [`file ${path}: its content was changed`];
    }),
  );
  return looked.flat();
}

function placed(outputs: Fields, { Created, State }: Inspected): Placed[] {
  const uploads = new Map(
    entries(outputs["uploads"]).flatMap((upload) => {
      const content = contentOf(upload);
      return content === undefined ? [] : [[text(upload["file"]), content] as const];
    }),
  );
  const made = Date.parse(Created) + BEGINNING;
  if (outputs["mustRun"] !== false) {
    return [...uploads].map(([path, content]) => ({ path, content, since: made }));
  }
  const ended = Math.min(made, Date.parse(State.FinishedAt ?? Created) + 1000);
  return written(texts(outputs["command"])[0] ?? "").flatMap(({ from, to }) => {
    const content = uploads.get(from);
    return content === undefined ? [] : [{ path: to, content, since: ended }];
  });
}

function contentOf({ content, contentBase64 }: Fields): Buffer | undefined {
  if (text(contentBase64) !== "") {
    return Buffer.from(text(contentBase64), "base64");
  }
  return typeof content === "string" ? Buffer.from(content) : undefined;
}
