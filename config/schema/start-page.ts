/** The page that people see after the start of their server. */
import { z } from "zod";

import { key, NEXT_START } from "./key";

export function startPage(otherwise?: string) {
  return key(z.string().regex(/^(lab|notebook|\/[^\s?#]*)$/), {
    description:
      "Page that people see after the start: `lab`, `notebook`, or a path of the server, such as `/lab/tree/a.ipynb`.",
    expected: "lab, notebook or a path that starts with /",
    example: "notebook",
    ...(otherwise === undefined ? {} : { otherwise }),
    change: NEXT_START,
  }).transform(startPath);
}

/** `notebook` is the classic interface (Notebook 7), whose file list is at /tree. */
function startPath(page: string): string {
  return page === "lab" ? "/lab" : page === "notebook" ? "/tree" : page;
}
