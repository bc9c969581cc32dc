/** Files that a container gets before it starts. */
import { readFile } from "node:fs/promises";
import { buffer } from "node:stream/consumers";
import { pack } from "tar-stream";

import type { Props } from "../../lib/serve";

/** A tar archive, from the root, of a container's `uploads`. */
export async function uploadArchive(uploads: readonly Props[]): Promise<Buffer> {
  const archive = pack();
  const whole = buffer(archive);
  for (const upload of uploads) {
    archive.entry(
      { name: String(upload.file).replace(/^\/+/, ""), mode: mode(upload) },
      await content(upload),
    );
  }
  archive.finalize();
  return whole;
}

function mode(upload: Props): number {
  const permissions = upload.permissions;
  if (typeof permissions === "string" && permissions !== "") {
    return parseInt(permissions, 8);
  }
  return upload.executable === true ? 0o744 : 0o644;
}

async function content(upload: Props): Promise<Buffer> {
  const sources = [upload.content, upload.contentBase64, upload.source].map((value) => value ?? "");
  const [plain, base64, source] = sources as [string, string, string];
  const given = sources.filter((value) => value !== "").length;
  const file = String(upload.file);
  if (given === 0) {
    throw new Error(`upload of ${file}: one of 'content', 'contentBase64' or 'source' must be set`);
  }
  if (given > 1) {
    throw new Error(`upload of ${file}: only one of 'content', 'contentBase64' or 'source' can be set`);
  }
  if (source !== "") {
    return readFile(source).catch((error: unknown) => {
      throw new Error(`upload of ${file}: could not read ${source}: ${(error as Error).message}`, {
        cause: error,
      });
    });
  }
  return base64 === "" ? Buffer.from(plain) : Buffer.from(base64, "base64");
}
