import { API_LEVEL_ACTIONS } from './ci-actions.ts';
import { contextValues } from './context.ts';
import type { DecisionRequest } from './decide.ts';
import { matchResource } from './resource.ts';
import type { Statement } from './statement.ts';
import type { Truth } from './truth.ts';
import { matchWildcard } from './wildcard.ts';

/** Whether a statement names the action of a request, whatever else it says. */
export function coversAction({ actions }: Statement, action: string): boolean {
  return actions.some(({ name }) => matchWildcard(name, action));
}

/** Whether a statement names the resource of a request, whatever else it says. */
export function coversResource(
  { resources }: Statement,
  { action, resource, subAccount }: DecisionRequest,
): boolean {
  if (subAccount === null) return false;
  const asked = API_LEVEL_ACTIONS.has(action) ? '*' : resource;
  return resources.some((pattern) => matchResource(pattern, asked, subAccount.account));
}

/** Whether a statement applies to a request: action, resource and condition. */
export function applies(statement: Statement, request: DecisionRequest): Truth {
  if (!coversAction(statement, request.action) || !coversResource(statement, request)) return false;
  const { condition } = statement;
  return condition === null || condition(contextValues(request.context));
}
