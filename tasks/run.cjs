// The one entry to what Pulumi runs beside its resources: `node tasks/run.cjs NAME [ARGUMENT …]`. States keep this line,
// so this path and the names stay; where the program behind a name lies is free (programs.json).
"use strict";
require("../setup/register.cjs");
const { runTask } = require("./main.ts");

const [name = "", ...args] = process.argv.slice(2);
void runTask(name, args);
