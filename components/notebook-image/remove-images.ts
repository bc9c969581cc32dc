/** A forwarder: stacks that were last updated before tasks/run.cjs have this path in their state, and run it as they go. */
import { runTask } from "../../tasks/main";

void runTask("remove-images", process.argv.slice(2));
