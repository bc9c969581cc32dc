/** GPUs of a notebook server. */
import { z } from "zod";

import { key, NEXT_START } from "./key";

export function gpus(otherwise: string) {
  const id = key(z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_./:-]{0,127}$/), {
    description: "A GPU's number or UUID, as `nvidia-smi -L` shows it.",
    expected: "the number (as text) or the UUID of a GPU",
    example: "0",
  });
  return key(z.union([z.int().min(1).max(64), z.literal("all"), z.array(id).min(1)]), {
    description:
      "GPUs of a server: how many, `all`, or which ones by number or UUID. The Docker host needs NVIDIA's container " +
      "toolkit. Several servers can share a GPU.",
    expected: "a number of GPUs, all, or a list of GPU ids such as ['0', '1']",
    example: 1,
    otherwise,
    change: NEXT_START,
  });
}
