// Mocha's usual report, the counts of passed, failed and pending tests in the file that COUNTS names, for the one
// line at the end of `npm test`, and the names and errors of failed tests in the file that FAILURES names, for the list
// above that line. A suite that runs no test counts as a failure.
const { appendFileSync } = require("node:fs");
const Mocha = require("mocha");
const { withSourceLines } = require("./source-lines.ts");

/** Lines of an error in the list at the end. The whole one is in the report above. */
const ERROR_LINES = 15;

module.exports = class extends Mocha.reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    runner.on("fail", (test, error) => {
      if (typeof error.stack === "string") error.stack = withSourceLines(error.stack);
      const lines = [
        `✖ ${test.fullTitle()}`,
        ...String(error.stack ?? error)
          .split("\n")
          .slice(0, ERROR_LINES),
      ];
      if (process.env.FAILURES) appendFileSync(process.env.FAILURES, `${lines.join("\n    ")}\n`);
    });
    runner.once("end", () => {
      const { passes, failures, pending } = runner.stats;
      const failed = failures + (passes + failures === 0 ? 1 : 0);
      if (process.env.COUNTS) appendFileSync(process.env.COUNTS, `${passes} ${failed} ${pending}\n`);
    });
  }
};
