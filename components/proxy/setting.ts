/** A setting of Traefik's static configuration: its place in the tree, and its value. */
export type Setting = readonly [path: string, value: string];

/** A setting, where it is wanted. */
export const some = (isWanted: boolean, ...setting: Setting): Setting[] => (isWanted ? [setting] : []);
