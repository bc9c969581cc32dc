/** The one entry of this package: what `./up` needs of it. */
export { build, isBuilt } from "./build";
