// Mocha's usual report, and the counts of passed, failed and pending tests in the file that COUNTS names, for the one
// line at the end of `npm test`. A suite that runs no test counts as a failure.
const { appendFileSync } = require("node:fs");
const Mocha = require("mocha");
const { withSourceLines } = require("./source-lines.ts");

module.exports = class extends Mocha.reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    runner.on("fail", (_, error) => {
      if (typeof error.stack === "string") error.stack = withSourceLines(error.stack);
    });
    runner.once("end", () => {
      const { passes, failures, pending } = runner.stats;
      const failed = failures + (passes + failures === 0 ? 1 : 0);
      if (process.env.COUNTS) appendFileSync(process.env.COUNTS, `${passes} ${failed} ${pending}\n`);
    });
  }
};
