import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { difference, mirrors, splitPem } from "../../../../setup/fallback/images/debian";

describe("the Debian image", () => {
  it("is built from the mirrors of this machine, in either format of apt", () => {
    const deb822 = "Types: deb\nURIs: http://mirror.example/debian/\nSuites: bookworm\nComponents: main\n";
    assert.deepEqual(mirrors(deb822, "trixie"), [
      "deb http://mirror.example/debian trixie main",
      "deb http://mirror.example/debian trixie-updates main",
    ]);
    const lines = [
      "# deb http://old.example/debian bookworm main",
      "deb [signed-by=/k.gpg] https://mirror.example/debian bookworm main",
      "deb https://mirror.example/debian-security bookworm-security main",
      "deb https://tools.example/debian-tools any main",
    ];
    assert.deepEqual(mirrors(lines.join("\n"), "trixie"), [
      "deb https://mirror.example/debian trixie main",
      "deb https://mirror.example/debian trixie-updates main",
      "deb https://mirror.example/debian-security trixie-security main",
    ]);
  });

  it("leaves the choice to mmdebstrap on a machine without Debian mirrors", () => {
    assert.deepEqual(mirrors("deb http://mirror.example/ubuntu noble main", "trixie"), []);
  });
});

describe("certificate authorities of the machine", () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "setup-test-"));
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });
  function certificate(name: string): string {
    const file = join(folder, `${name}.crt`);
    const args = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
    execFileSync("openssl", [...args, "-subj", `/CN=${name}`, "-keyout", "/dev/null", "-out", file], {
      stdio: "ignore",
    });
    return readFileSync(file, "utf8");
  }

  it("are those that Debian does not carry, each once", () => {
    const [own, known] = [certificate("own"), certificate("known")];
    const bundle = splitPem(`# a comment\n${known}\n${own.trimEnd()}\n\n${own}`);
    assert.equal(bundle.length, 3);
    // The same certificate with other line ends is the same certificate.
    assert.deepEqual(difference(bundle, [known.replaceAll("\n", "\r\n")]), [own]);
  });
});
