const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/**
 * An element with a text in it. Characters that XML cannot carry, not even escaped, become the
 * replacement character.
 */
export function element(name: string, text: string): string {
  const carried = text
    .toWellFormed()
    .replace(/[^\P{Cc}\t\n\r]|\p{Noncharacter_Code_Point}/gu, '\ufffd')
    .replace(/[&<>"']/g, (sign) => ESCAPES[sign] ?? '');
  return `<${name}>${carried}</${name}>`;
}

/** An element with elements in it. */
export function container(name: string, children: readonly string[]): string {
  return `<${name}>${children.join('')}</${name}>`;
}
