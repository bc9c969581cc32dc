import { X509Certificate } from "node:crypto";

const DAY = 24 * 60 * 60 * 1000;

/**
 * How many times the certificate is due for renewal since its authority was made: the number of whole periods of two
 * thirds of its days. The number is a function of the authority and the day, not of the last certificate, so it can be
 * told at preview; it stays the same between renewals, so a second `up` has nothing to do; and a certificate that was made
 * within a period has a third of its days left, or more, when the period ends.
 */
export function renewal(start: Date, days: number, now: Date): number {
  const period = (days * DAY * 2) / 3;
  return Math.max(0, Math.floor((now.getTime() - start.getTime()) / period));
}

/** When a certificate in PEM starts. */
export function startOf(pem: string): Date {
  return new Date(new X509Certificate(pem).validFrom);
}
