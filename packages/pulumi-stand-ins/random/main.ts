/** pulumi-resource-random, for machines that cannot get the official plugin. */
import { serve } from "../lib/serve";
import { randomProvider } from "./provider";

serve(randomProvider());
