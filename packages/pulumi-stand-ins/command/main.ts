/** pulumi-resource-command, for machines that cannot get the official plugin. */
import { serve } from "../lib/serve";
import { commandProvider } from "./provider";

serve(commandProvider());
