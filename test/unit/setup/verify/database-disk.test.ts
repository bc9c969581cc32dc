import assert from "node:assert/strict";

import { judgeDisk } from "../../../../setup/verify/database-disk";
import type { Subject } from "../../../../setup/verify/subject";

const subject = { address: { host: "unix:///var/run/docker.sock" }, prefix: "x" } as Subject;

/** What `df` prints. */
const tables = (free: string, inodes = "100 90") => `\
Filesystem     1024-blocks      Used Available Capacity Mounted on
/dev/vda         263935588 156498396 ${free}      60% /var/lib/postgresql/data
Filesystem       Inodes   IUsed    IFree IUse% Mounted on
/dev/vda       ${inodes.split(" ")[0] ?? ""} 10 ${inodes.split(" ")[1] ?? ""}    6% /var/lib/postgresql/data
`;

describe("judgeDisk", () => {
  const words = (text: string) => judgeDisk(subject, text).findings.map(({ what }) => what);

  it("finds nothing where there is room", () => {
    assert.deepEqual(judgeDisk(subject, tables("102400")), { findings: [], unmade: [] });
    // btrfs has no fixed number of inodes.
    assert.deepEqual(words(tables("102400", "0 0")), []);
  });

  it("tells of a full disk, and of one without inodes", () => {
    assert.deepEqual(words(tables("102399")), [
      "The disk with PostgreSQL's data is full: 99 MiB are free in /var/lib/postgresql/data, expected 100 at least",
    ]);
    assert.deepEqual(words(tables("102400", "100 0")), [
      "The disk with PostgreSQL's data is full: no more files fit into /var/lib/postgresql/data: it has no inodes left",
    ]);
  });

  it("does not count what it cannot read as well", () => {
    for (const text of ["", "bash: df: command not found\n", tables("-")]) {
      const { findings, unmade } = judgeDisk(subject, text);
      assert.deepEqual(findings, []);
      assert.equal(unmade.length, 1);
    }
  });
});
