/** pulumi-resource-docker, for machines that cannot get the official plugin. */
import { serve } from "../lib/serve";
import { dockerProvider } from "./provider";

serve(dockerProvider());
