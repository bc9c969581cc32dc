/** `notebook`: image, start and limits of the notebook servers. */
import { z } from "zod";
import { IMAGE_NAME, NEXT_START, key, size, textMap } from "./key";

export const notebook = key(
  z
    .strictObject({
      image: key(
        z
          .discriminatedUnion("kind", [
            z.strictObject({
              kind: z.literal("build"),
              context: key(z.string().min(1).default("./images/notebook"), {
                description: "Folder with the `Dockerfile`. Relative to the folder of `Pulumi.yaml`.",
                expected: "the path of a folder with a Dockerfile",
                example: "./images/notebook",
                change: NEXT_START,
              }),
              args: textMap({
                description:
                  "Build arguments (`ARG` in the Dockerfile). They stay readable in the image: no secrets.",
                expected: "build arguments as NAME: value (names of letters, digits and _)",
                example: { PIP_INDEX_URL: "https://pypi.example.org/simple" },
                change: NEXT_START,
              }),
            }),
            z.strictObject({
              kind: z.literal("pull"),
              name: key(z.string().regex(IMAGE_NAME), {
                description:
                  "Image to pull, best with a digest: a tag such as `latest` may be another image tomorrow. It needs " +
                  "`jupyterhub-singleuser` of the hub's JupyterHub version.",
                expected:
                  "an image name such as quay.io/jupyter/base-notebook:2026-10-05, with a tag or digest",
                example: "quay.io/jupyter/base-notebook:2026-10-05",
                change: NEXT_START,
              }),
            }),
          ])
          .prefault({ kind: "build" }),
        {
          description: "The image of the notebook servers. `build`: from a folder. `pull`: from a registry.",
          expected: "a map whose kind is build or pull",
          example: { kind: "pull", name: "quay.io/jupyter/base-notebook:2026-10-05" },
          change: NEXT_START,
        },
      ),
      startPage: key(
        z
          .string()
          .regex(/^(lab|notebook|\/[^\s?#]*)$/)
          .prefault("lab"),
        {
          description:
            "What people see after the start: `lab`, `notebook`, or a path of the server, as `/lab/tree/a.ipynb`.",
          expected: "lab, notebook or a path that starts with /",
          example: "notebook",
          change: NEXT_START,
        },
      ).transform(startPath),
      command: key(z.array(z.string().min(1)).min(1).optional(), {
        description: "Command of the notebook containers, one list item a word.",
        expected: "a list of words, as in ['start-notebook.py', '--debug']",
        example: ["start-notebook.py", "--debug"],
        otherwise: "that of the image",
        change: NEXT_START,
      }),
      environment: textMap({
        description: "Environment variables of all notebook servers. Every user can read them: no secrets.",
        expected: "variables as NAME: value (names of letters, digits and _)",
        example: { TZ: "Europe/Berlin" },
        change: NEXT_START,
      }),
      limits: key(
        z
          .strictObject({
            memory: size(64 * 1024 ** 2, {
              description: "Memory of one notebook server. What uses more is killed.",
              expected: "an amount of memory",
              example: "8G",
              change: NEXT_START,
            }).prefault("1G"),
            swap: size(0, {
              description: "Swap of one notebook server, on top of its memory.",
              expected: "an amount of swap",
              example: "512m",
              change: NEXT_START,
            }).prefault("0"),
            cpus: key(
              z
                .union([
                  z.number().min(0.01).max(1024),
                  // `pulumi config set --path` writes a number with a fraction as text.
                  z.string().regex(/^[0-9]+(\.[0-9]+)?$/),
                ])
                .refine((value) => Number(value) >= 0.01 && Number(value) <= 1024),
              {
                description: "CPUs of one notebook server; 0.5 is half of one.",
                expected: "a number of CPUs from 0.01 to 1024, as 0.5 or 2",
                example: 2,
                change: NEXT_START,
              },
            )
              .transform(Number)
              .prefault(1),
            processes: key(z.int().min(64).max(4_194_304).default(512), {
              description: "Processes and threads of one notebook server, together.",
              expected: "a whole number of processes from 64 to 4194304",
              example: 1024,
              change: NEXT_START,
            }),
          })
          .prefault({}),
        {
          description: "What one notebook server may use.",
          expected: "a map with the keys memory, swap, cpus, processes",
          example: { memory: "4G", cpus: 2 },
          change: NEXT_START,
        },
      ),
    })
    .prefault({}),
  {
    description: "The notebook servers.",
    expected: "a map with the keys image, startPage, command, environment, limits",
    example: { startPage: "lab", limits: { memory: "4G", cpus: 2 } },
    change: NEXT_START,
  },
);

/** `notebook` is the classic interface (Notebook 7), whose file list is at /tree. */
function startPath(page: string): string {
  return page === "lab" ? "/lab" : page === "notebook" ? "/tree" : page;
}
