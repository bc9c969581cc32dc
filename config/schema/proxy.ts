/** `proxy`: Traefik. */
import { z } from "zod";

import { TRAEFIK_IMAGE } from "../constants";
import { flag, IMAGE_NAME, key, oneOf, PROXY_REPLACED, section } from "./key";

export const proxy = section(
  {
    image: key(z.string().regex(IMAGE_NAME).default(TRAEFIK_IMAGE), {
      description: "Image of Traefik 3.",
      expected: "an image name such as traefik:v3.7.15, with a tag or digest",
      example: "traefik:v3.7.15",
      change: PROXY_REPLACED,
    }),
    logLevel: oneOf(["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL", "PANIC"], {
      description: "Log level of the proxy.",
      example: "DEBUG",
      change: PROXY_REPLACED,
    }).default("INFO"),
    accessLog: flag({
      description: "Log every request.",
      example: true,
      change: PROXY_REPLACED,
    }).default(false),
  },
  {
    description: "The proxy (Traefik).",
    example: { accessLog: true },
    change: PROXY_REPLACED,
  },
).prefault({});
