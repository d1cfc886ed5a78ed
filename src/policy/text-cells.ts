/** A pattern as its characters, in which null stands for any run of them. */
export interface TextPattern {
  readonly characters: readonly (string | null)[];
  /** Whether the case of A to Z is ignored. */
  readonly ignoresCase: boolean;
}

/** Which texts there are: what stands around the part that varies, and what that part may be. */
export interface TextSpace {
  readonly prefix: string;
  readonly suffix: string;
  /** What may stand in the part that varies, beside the characters of the patterns. */
  readonly filler: string;
  readonly isCharacter: (character: string) => boolean;
  /** Whether the part may end behind its last character; undefined: at its beginning. */
  readonly mayEnd: (last: string | undefined) => boolean;
  readonly mayBegin: (first: string) => boolean;
  readonly maxLength: number;
}

/** Texts of which no two are matched by the same of the patterns. */
export interface TextCells {
  /** The part that varies of each, shortest first. */
  readonly texts: readonly string[];
  /** Whether there is one for every set of patterns that some text is matched by. */
  readonly isComplete: boolean;
}

/** As many states of all patterns together are looked at. */
const MAX_STATES = 4_096;

/** Places in the pattern before which the matching may stand, ascending; empty: it has failed. */
type Places = readonly number[];

interface Node {
  readonly text: string;
  readonly places: readonly Places[];
}

/**
 * Find a text for every set of patterns that some text is matched by: a walk, breadth first,
 * through the states that the patterns together can be in. Every text leads to one of these
 * states, so none is missed unless there are too many of them.
 */
export function textCells(patterns: readonly TextPattern[], space: TextSpace): TextCells {
  const alphabet = alphabetOf(patterns, space);
  const begin = patterns.map((pattern) => advanceAll(pattern, closed(pattern, [0]), space.prefix));
  const found = new Map<string, string>();
  const seen = new Set<string>();
  const queue: Node[] = [{ text: '', places: begin }];
  for (const node of queue) {
    if (space.mayEnd(node.text.at(-1))) {
      keepFirst(found, matchedBy(patterns, node.places, space.suffix), node.text);
    }
    if (seen.size > MAX_STATES) return { texts: [...found.values()], isComplete: false };
    for (const next of nodesBehind(node, alphabet, { patterns, space })) {
      const state = `${space.mayEnd(next.text.at(-1))} ${next.places.map(String).join('|')}`;
      if (!seen.has(state)) queue.push(next);
      seen.add(state);
    }
  }
  return { texts: [...found.values()], isComplete: true };
}

function keepFirst(found: Map<string, string>, key: string, text: string): void {
  if (!found.has(key)) found.set(key, text);
}

interface Walk {
  readonly patterns: readonly TextPattern[];
  readonly space: TextSpace;
}

function* nodesBehind(
  node: Node,
  alphabet: readonly string[],
  { patterns, space }: Walk,
): Generator<Node, void, void> {
  if (node.text.length >= space.maxLength) return;
  for (const character of alphabet) {
    if (node.text !== '' || space.mayBegin(character)) yield stepFrom(node, character, patterns);
  }
}

/** A pattern with `*` for any run of characters. */
export function wildcardPattern(text: string, ignoresCase = false): TextPattern {
  const characters = Array.from(text, (character) => (character === '*' ? null : character));
  return { characters, ignoresCase };
}

/** A pattern that means itself. */
export function literalPattern(text: string, ignoresCase = false): TextPattern {
  return { characters: Array.from(text), ignoresCase };
}

function alphabetOf(patterns: readonly TextPattern[], space: TextSpace): string[] {
  const named = patterns.flatMap(({ characters, ignoresCase }) =>
    characters.flatMap((one) => {
      if (one === null) return [];
      return ignoresCase ? [one.toLowerCase(), one.toUpperCase()] : [one];
    }),
  );
  const distinct = new Set(named.filter((one) => space.isCharacter(one)));
  const other = Array.from(space.filler).find((one) => !distinct.has(one));
  return other === undefined ? [...distinct] : [other, ...distinct];
}

function stepFrom(node: Node, character: string, patterns: readonly TextPattern[]): Node {
  return {
    text: node.text + character,
    places: node.places.map((places, index) => {
      const pattern = patterns[index];
      return pattern === undefined ? [] : advance(pattern, places, character);
    }),
  };
}

function advanceAll(pattern: TextPattern, places: Places, text: string): Places {
  let current = places;
  for (const character of text) current = advance(pattern, current, character);
  return current;
}

function advance(pattern: TextPattern, places: Places, character: string): Places {
  const next: number[] = [];
  for (const place of places) {
    const wanted = pattern.characters[place];
    if (wanted === null) next.push(place);
    else if (wanted !== undefined && isSame(wanted, character, pattern)) next.push(place + 1);
  }
  return closed(pattern, next);
}

/** A star may stand for nothing; and what stands behind a star needs nothing from before it. */
function closed({ characters }: TextPattern, places: readonly number[]): Places {
  const all = new Set<number>();
  for (const place of places) {
    all.add(place);
    for (let at = place; characters[at] === null; at++) all.add(at + 1);
  }
  const lastStar = Math.max(-1, ...[...all].filter((place) => characters[place] === null));
  return [...all].filter((place) => place >= lastStar).sort((a, b) => a - b);
}

function isSame(wanted: string, given: string, { ignoresCase }: TextPattern): boolean {
  return ignoresCase ? wanted.toLowerCase() === given.toLowerCase() : wanted === given;
}

function matchedBy(
  patterns: readonly TextPattern[],
  places: readonly Places[],
  suffix: string,
): string {
  return patterns
    .flatMap((pattern, index) => {
      const end = advanceAll(pattern, places[index] ?? [], suffix);
      return end.includes(pattern.characters.length) ? [index] : [];
    })
    .join(',');
}
