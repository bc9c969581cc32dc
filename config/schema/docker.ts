/** `docker`: the engine that everything runs on. */
import { z } from "zod";
import { key } from "./key";

export const docker = key(
  z
    .strictObject({
      host: key(
        z
          .string()
          .regex(
            /^(unix:\/\/\/\S+|ssh:\/\/[^\s/]+\S*|tcp:\/\/[^\s/:]+(:[0-9]+)?|tcp:\/\/\[[0-9a-fA-F:]+\](:[0-9]+)?)$/,
          )
          .optional(),
        {
          description: "Address of the Docker Engine.",
          otherwise: "`DOCKER_HOST` of the environment, else the local socket",
          expected: "unix:///path, ssh://user@host or tcp://host:port",
          example: "ssh://admin@docker.example.org",
          change: "Everything is made anew on the other engine; data stays where it was.",
        },
      ),
    })
    .prefault({}),
  {
    description: "The Docker Engine that everything runs on.",
    expected: "a map with the key host",
    example: { host: "ssh://admin@docker.example.org" },
  },
);
