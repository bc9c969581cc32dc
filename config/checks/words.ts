/**
 * Texts of errors and warnings. What is put into one has to be such a text itself, so that no value of the configuration
 * comes into it as it is: `Report.value` makes one of it that may be shown.
 */
export class Words {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }
}

/** A text of this program's own: words, names of keys, numbers that it worked out. Never a value of the configuration. */
export function own(text: string | number): Words {
  return new Words(String(text));
}

/** A text: words`a port below ${own(1024)}`. */
export function words(parts: TemplateStringsArray, ...values: readonly Words[]): Words {
  return own(parts.reduce((text, part, index) => `${text}${String(values[index - 1])}${part}`));
}
