/** `proxy`: Traefik. */
import { z } from "zod";
import { TRAEFIK_IMAGE } from "../constants";
import { IMAGE_NAME, PROXY_REPLACED, key } from "./key";

export const proxy = key(
  z
    .strictObject({
      image: key(z.string().regex(IMAGE_NAME).default(TRAEFIK_IMAGE), {
        description: "Image of Traefik 3.",
        expected: "an image name such as traefik:v3.7.15, with a tag or digest",
        example: "traefik:v3.7.15",
        change: PROXY_REPLACED,
      }),
      logLevel: key(z.enum(["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL", "PANIC"]).default("INFO"), {
        description: "Log level of the proxy.",
        expected: "one of TRACE, DEBUG, INFO, WARN, ERROR, FATAL, PANIC",
        example: "DEBUG",
        change: PROXY_REPLACED,
      }),
      accessLog: key(z.boolean().default(false), {
        description: "Log every request.",
        expected: "true or false",
        example: true,
        change: PROXY_REPLACED,
      }),
    })
    .prefault({}),
  {
    description: "The proxy (Traefik).",
    expected: "a map with the keys image, logLevel, accessLog",
    example: { accessLog: true },
    change: PROXY_REPLACED,
  },
);
