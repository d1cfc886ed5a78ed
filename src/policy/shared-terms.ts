import type { Drawer } from './drawer.ts';
import type { ResourcePattern, ResourceScope } from './resource.ts';
import type { Statement } from './statement.ts';

/** What a decision asks of a statement beside its path: many statements of a table share it. */
export interface Terms extends Pick<Statement, 'effect' | 'actions' | 'condition'> {
  /** Of the principal: there is one for each. */
  readonly drawer: Drawer;
  /** Null: the pattern is `*`. */
  readonly scope: ResourceScope | null;
}

/** Finds the terms of a statement and one of its patterns: the same value where all is the same. */
export type TermsFinder = (drawer: Drawer, statement: Statement, pattern: ResourcePattern) => Terms;

/** Tells statements apart by the parts that they share with others, not by what these hold. */
export function shareTerms(): TermsFinder {
  const byEffect: ByEffect = new Map();
  return (drawer, { effect, actions, condition }, pattern) => {
    const scope = pattern.matchesAll ? null : pattern.scope;
    const byActions = under(under(byEffect, effect), scope);
    // Conditions last: there can be as many as statements.
    const byCondition = under(under(byActions, actions), drawer);
    const known = byCondition.get(condition);
    if (known !== undefined) return known;
    const terms: Terms = { drawer, effect, actions, condition, scope };
    byCondition.set(condition, terms);
    return terms;
  };
}

type ByCondition = Map<Terms['condition'], Terms>;
type ByActions = Map<Terms['actions'], Map<Drawer, ByCondition>>;
type ByEffect = Map<Terms['effect'], Map<Terms['scope'], ByActions>>;

function under<Key, ChildKey, Child>(
  map: Map<Key, Map<ChildKey, Child>>,
  key: Key,
): Map<ChildKey, Child> {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = new Map<ChildKey, Child>();
  map.set(key, made);
  return made;
}
