/** `./hub`: the command for administrators. Exit codes: 0 done, 1 failed or holes found, 2 not understood. */
import { run } from "./run";

// Whoever reads the output may stop reading: `./hub logs hub | head`.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  process.exit(error.code === "EPIPE" ? 0 : 1);
});

void run(process.argv.slice(2)).then((code) => {
  if (code !== undefined) {
    process.exitCode = code;
  }
});
