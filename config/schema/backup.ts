/** `backup`: the hub's database, people's homes and folders, and what brings the stack up again, saved each day. */
import { z } from "zod";

import { ABSOLUTE_PATH, ENVIRONMENT_NAME, key, secret, section } from "./key";

const CHANGE = "The backup's container is replaced; nothing else is.";

/** Addresses that restic takes as they are, with what it needs beside them in variables. */
const isPlace = (value: string): boolean =>
  ABSOLUTE_PATH.test(value) || /^(rest:https?:\/\/|s3:(https?:\/\/)?)[^\s@]+$/.test(value);

const count = (of: string, least: number, otherwise: number) =>
  key(z.int().min(least).max(10_000).default(otherwise), {
    description: `How many ${of} backups to keep.`,
    expected: `a whole number from ${least} to 10000`,
    example: otherwise * 2,
    change: CHANGE,
  });

/** Of variables for restic; those that say where the repository is are the program's. */
const VARIABLE = /^(?!RESTIC_(REPOSITORY|PASSWORD|CACHE_DIR|FROM_))[A-Z][A-Z0-9_]*$/;

export const backup = key(
  section(
    {
      to: key(z.string().refine(isPlace), {
        description:
          "Where backups go: a folder of the Docker host (best a mounted disk of another machine), a REST server of restic " +
          "(`rest:https://host:8000/path`) or S3 (`s3:https://host/bucket`). User and password go to `secrets`.",
        expected: "an absolute path, rest:https://… or s3:https://…, without user and password",
        example: "/mnt/backup/jupyterhub",
        change: "The backup's container is replaced. Older backups stay where they are.",
      }),
      password: secret({
        for: ["backup"],
        description:
          "Password that encrypts the backups. Keep a copy of it elsewhere: nobody can read the backups without it.",
        expected: "text",
        example: "text",
        change: "The backup's container is replaced. A repository keeps the password that it was made with.",
      }),
      secrets: key(
        z
          .record(
            z.string().regex(ENVIRONMENT_NAME).regex(VARIABLE),
            secret({
              for: ["backup"],
              description: "The value of a variable.",
              expected: "text",
              example: "text",
              change: CHANGE,
            }),
          )
          .prefault({}),
        {
          description:
            "Variables for restic, such as `RESTIC_REST_USERNAME` and `RESTIC_REST_PASSWORD`, or `AWS_ACCESS_KEY_ID` and " +
            "`AWS_SECRET_ACCESS_KEY`.",
          expected: "variables of restic as NAME: value (capital letters, digits and _)",
          example: { AWS_ACCESS_KEY_ID: "text", AWS_SECRET_ACCESS_KEY: "text" },
          change: CHANGE,
        },
      ),
      at: key(
        z
          .string()
          .regex(/^([01][0-9]|2[0-3]):[0-5][0-9]$/)
          .default("03:00"),
        {
          description: "Time of day of the daily backup, in UTC.",
          expected: "hours and minutes from 00:00 to 23:59",
          example: "01:30",
          change: CHANGE,
        },
      ),
      keep: section(
        { daily: count("daily", 1, 7), weekly: count("weekly", 0, 5), monthly: count("monthly", 0, 12) },
        {
          description:
            "How many backups to keep, in addition to all of the last day. Others are removed after each backup.",
          example: { daily: 14 },
          change: CHANGE,
        },
      ).prefault({}),
    },
    {
      description:
        "Daily backups with restic, encrypted, by a container that needs neither the hub nor Docker. See docs/backup.md.",
      example: { to: "/mnt/backup/jupyterhub", password: "text" },
      change: CHANGE,
    },
  ).optional(),
  {
    description:
      "Daily backups with restic, encrypted: the hub's database, homes and folders of people, and what brings the stack up " +
      "again. They are made by a container that needs neither the hub nor Docker. See docs/backup.md.",
    expected: "a map with to, password, secrets, at, keep",
    example: { to: "/mnt/backup/jupyterhub", password: "text" },
    otherwise: "no backups",
    change: CHANGE,
  },
);
