/** The one entry of this package: what `./up` needs of it. */
export { build, BUILD_VARIABLE, findBuild } from "./build";
