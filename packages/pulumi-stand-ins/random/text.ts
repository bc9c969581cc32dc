/** Random text: passwords, strings and pet names. All choices come from the operating system's random source. */
import { randomInt } from "node:crypto";

const LOWER = "abcdefghijklmnopqrstuvwxyz";
const UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const NUMERIC = "0123456789";
const SPECIAL = "!@#$%&*()-_=+[]{}<>:?";

export interface TextRules {
  length: number;
  lower: boolean;
  upper: boolean;
  numeric: boolean;
  special: boolean;
  minLower: number;
  minUpper: number;
  minNumeric: number;
  minSpecial: number;
  overrideSpecial?: string;
}

/** Puts a list in random order (Fisher-Yates). @param below a number from 0 up to and without the one given */
export function shuffle<T>(items: readonly T[], below: (bound: number) => number = randomInt): T[] {
  const shuffled = [...items];
  for (let last = shuffled.length - 1; last > 0; last--) {
    const other = below(last + 1);
    [shuffled[last], shuffled[other]] = [shuffled[other] as T, shuffled[last] as T];
  }
  return shuffled;
}

function pick(from: readonly string[], count: number): string[] {
  return Array.from({ length: count }, () => from[randomInt(from.length)] ?? "");
}

/**
 * @returns as many characters as asked for: the least number of each class, the rest from all classes together, in random
 *   order
 */
export function randomText(rules: TextRules): string {
  const special = Array.from(rules.overrideSpecial || SPECIAL);
  const classes: [boolean, readonly string[], number][] = [
    [rules.special, special, rules.minSpecial],
    [rules.lower, Array.from(LOWER), rules.minLower],
    [rules.upper, Array.from(UPPER), rules.minUpper],
    [rules.numeric, Array.from(NUMERIC), rules.minNumeric],
  ];
  const all = classes.flatMap(([used, characters]) => (used ? characters : []));
  const least = classes.flatMap(([, characters, minimum]) => pick(characters, minimum));
  return shuffle([...least, ...pick(all, rules.length - least.length)]).join("");
}

const ADVERBS = (
  "barely boldly briskly calmly clearly daily deeply duly early easily evenly fairly firmly fondly freely gently gladly " +
  "greatly happily hardly highly justly kindly largely lately lightly likely loosely loudly lovely mainly merely mildly " +
  "mostly nearly neatly newly nicely openly partly plainly proudly purely quickly quietly rarely readily safely sharply " +
  "simply slowly smoothly softly solidly steadily strongly surely swiftly truly vastly warmly wholly widely wisely"
).split(" ");
const ADJECTIVES = (
  "able active agile alert amber ample brave bright brisk calm careful charming cheerful clever cosy curious dapper eager " +
  "earnest easy elegant fair famous fearless fine fond frank fresh friendly gentle glad golden good grand happy hardy " +
  "helpful honest humble jolly keen kind large light lively lucky mellow merry mighty modest neat nimble noble open " +
  "patient plucky polite proud quick quiet rapid ready robust shiny silent simple sleek smart smooth snug solid sound " +
  "steady still strong sunny sweet swift tender tidy trusty upbeat useful vivid warm wise witty worthy young"
).split(" ");
const ANIMALS = (
  "adder alpaca ant badger bat bear beaver bee beetle bison boar buck camel cat cheetah cicada cod colt condor coral cow " +
  "crab crane cricket crow deer dingo dodo dog dolphin donkey dove dragonfly duck eagle eel elk emu falcon fawn ferret " +
  "finch fish fox frog gecko gibbon giraffe goat goose gopher grouse gull hamster hare hawk hen heron hippo hornet horse " +
  "hound ibex ibis iguana impala jackal jaguar jay kitten kiwi koala lamb lark lemming lemur leopard lion lizard llama " +
  "lobster loon lynx mackerel magpie mammoth marmot marten mole moose moth mouse mule newt octopus orca osprey otter owl " +
  "ox panda panther parrot peacock pelican penguin pheasant pig pigeon pika pony poodle porpoise puffin pug puma quail " +
  "rabbit raccoon ram raven robin rooster salmon seal shark sheep shrew shrimp skunk snail snipe sparrow spider squid " +
  "squirrel stag starling stork sturgeon swan tapir tern thrush tiger toad toucan trout turkey turtle viper vole vulture " +
  "walrus wasp weasel whale wolf wombat wren yak zebra"
).split(" ");

/** @returns words of a pet's name: animal; adjective, animal; adverbs, adjective, animal */
export function petName(words: number, separator: string): string {
  const name = [
    ...pick(ADVERBS, Math.max(0, words - 2)),
    ...(words > 1 ? pick(ADJECTIVES, 1) : []),
    ...pick(ANIMALS, 1),
  ];
  return name.join(separator);
}
