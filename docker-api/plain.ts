/** Text from outside, for a terminal: what moves its cursor, colours it or talks to it is left out. */
import { Transform } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import { stripVTControlCharacters } from "node:util";

/** A text with its lines and tabs, and without escape sequences and control characters. */
export const plain = (text: string): string =>
  // Bidirectional marks too: they have a line read as another one.
  stripVTControlCharacters(text).replaceAll(/[^\P{C}\n\t]/gu, "");

/** The same for a text that comes in pieces, as of a log that is followed. */
export function plainStream(): Transform {
  const decoder = new StringDecoder("utf8");
  return new Transform({
    transform(piece: Buffer, _, done) {
      done(null, plain(decoder.write(piece)));
    },
    flush(done) {
      done(null, plain(decoder.end()));
    },
  });
}
