import { hash } from 'node:crypto';

/** A policy table as it is kept: one text for one content, whatever it was written in. */
export interface TableDocument {
  /** JSON without white space, members sorted as RFC 8785 has it. The order of tenants and of
   * statements is kept as it was written: it is for people, and never matters to a decision. */
  readonly text: string;
  /** SHA-256 of the text, in hex. */
  readonly digest: string;
}

/** The document of a value that was read from YAML or JSON. Nothing about it is validated. */
export function tableDocument(value: unknown): TableDocument {
  const text = JSON.stringify(withTenants(sorted(value), value)) ?? 'null';
  return { text, digest: hash('sha256', text) };
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isObject(value)) return value;
  // Sorts by UTF-16 units, as the standard asks.
  const names = Object.keys(value).sort();
  return Object.fromEntries(names.map((name) => [name, sorted(value[name])]));
}

function withTenants(document: unknown, written: unknown): unknown {
  if (!isObject(document) || !isObject(written) || !isObject(written.tenants)) return document;
  const tenants = Object.entries(written.tenants).map(([name, one]) => [name, sorted(one)]);
  return { ...document, tenants: Object.fromEntries(tenants) };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const SHORT_DIGEST = 16;

/** How decisions and records name a version: its number, and the beginning of its digest. */
export function versionName(number: number, digest: string): string {
  return `${number}:${digest.slice(0, SHORT_DIGEST)}`;
}
