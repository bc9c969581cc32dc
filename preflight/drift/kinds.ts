/** Type tokens of what the stack makes on an engine and what can be looked at there. */
export const CONTAINER = "docker:index/container:Container";
export const NETWORK = "docker:index/network:Network";
export const VOLUME = "docker:index/volume:Volume";
export const BUILT_IMAGE = "docker:index/image:Image";
export const PULLED_IMAGE = "docker:index/remoteImage:RemoteImage";
export const SERVICE = "docker:index/service:Service";
export const SECRET = "docker:index/secret:Secret";
export const COMMAND = "command:local:Command";
export const CONFIG = "docker:index/serviceConfig:ServiceConfig";

/** Those that carry the stack's label and hold a name on the engine. */
export const KINDS_ON_ENGINE: ReadonlySet<string> = new Set([CONTAINER, NETWORK, SERVICE]);
