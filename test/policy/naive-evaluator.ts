import { parse } from 'yaml';

/**
 * A second evaluator for the policy table, written from CAM's rules as plainly as can be: slow,
 * without any index, patterns as backtracking on single characters. It shares no code with
 * src/policy and serves as its witness.
 */

interface Row {
  id: string;
  principal: string;
  effect: string;
  action: string | string[];
  resource: string | string[];
}

interface Asked {
  tenant: string;
  action: string;
  region: string;
  bucket: string;
  /** Of the sub-account that the tenant acts as. */
  appId: string;
  ownerUin: string;
}

export function naiveDecision(tableText: string, asked: Asked): 'allow' | 'deny' {
  const table: { tenants: Record<string, { subAccount: string }>; statements: Row[] } =
    parse(tableText);
  const binding = Object.hasOwn(table.tenants, asked.tenant) ? table.tenants[asked.tenant] : null;
  if (!binding) return 'deny';
  if (!asked.bucket.endsWith(`-${asked.appId}`)) return 'deny';

  let isAllowed = false;
  for (const row of table.statements) {
    const isOurs =
      row.principal === `tenant/${asked.tenant}` ||
      row.principal === `sub-account/${binding.subAccount}`;
    if (!isOurs || !coversAction(row, asked) || !coversResource(row, asked)) continue;
    if (row.effect === 'deny') return 'deny';
    isAllowed = true;
  }
  return isAllowed ? 'allow' : 'deny';
}

function coversAction({ action }: Row, asked: Asked): boolean {
  for (const pattern of [action].flat()) {
    const short = pattern.replace(/^name\//, '');
    if (glob(short, asked.action)) return true;
  }
  return false;
}

function coversResource({ resource }: Row, asked: Asked): boolean {
  return [resource].flat().some((pattern) => pattern === '*' || coversName(pattern, asked));
}

function coversName(pattern: string, asked: Asked): boolean {
  const [, , service = '', region = '', account = '', ...rest] = pattern.split(':');
  const accounts = ['', '*', `uid/${asked.appId}`, `uin/${asked.ownerUin}`];
  if (!['', '*', 'ci'].includes(service)) return false;
  if (!['', '*', asked.region].includes(region)) return false;
  if (!accounts.includes(account)) return false;
  return glob(rest.join(':'), `bucket/${asked.bucket}/`);
}

export function glob(pattern: string, text: string): boolean {
  if (pattern === '') return text === '';
  if (pattern[0] === '*') {
    for (let i = 0; i <= text.length; i++) {
      if (glob(pattern.slice(1), text.slice(i))) return true;
    }
    return false;
  }
  return pattern[0] === text[0] && text !== '' && glob(pattern.slice(1), text.slice(1));
}
