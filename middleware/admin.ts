import Router from '@koa/router';
import Koa from 'koa';
import { GatewayError } from '../src/errors.ts';
import type { AdminOperationName } from '../src/policy/admin-operation.ts';
import type { Services } from '../src/services.ts';
import { answerErrors } from './answer-errors.ts';
import { answerRecords } from './answer-records.ts';
import { authenticate } from './authenticate.ts';
import { authorizeAdmin } from './authorize-admin.ts';
import { applyPolicy, rollBackPolicy } from './change-policy.ts';
import { liftRevocation, listRevocations, revoke } from './change-revocations.ts';
import { guardSource } from './guard-source.ts';
import { healthRoutes } from './health.ts';
import { openRequest } from './open-request.ts';
import { pruneAudit } from './prune-audit.ts';
import { refuseRepeatedHeaders } from './read-json-body.ts';
import { recordOutcome } from './record-outcome.ts';
import { listUnresolved, orderResolution } from './resolve-audit.ts';
import { listPolicyVersions, showPolicy, showPolicyVersion } from './show-policy.ts';
import type { GatewayContext, GatewayState, GatewayStep } from './state.ts';
import { takeSteps } from './take-steps.ts';

/** A route of the gateway's own management: who may take it, and the step that answers. */
interface AdminRoute {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly operation: AdminOperationName;
  readonly answer: (services: Services) => GatewayStep;
}

/** INVARIANT: every route but those of health stands here, with the right that it needs. */
const ROUTES: readonly AdminRoute[] = [
  { method: 'GET', path: '/v1/policy', operation: 'read-policy', answer: showPolicy },
  {
    method: 'GET',
    path: '/v1/policy/versions',
    operation: 'read-policy',
    answer: listPolicyVersions,
  },
  {
    method: 'GET',
    path: '/v1/policy/versions/:number',
    operation: 'read-policy',
    answer: showPolicyVersion,
  },
  { method: 'POST', path: '/v1/policy/versions', operation: 'apply-policy', answer: applyPolicy },
  {
    method: 'POST',
    path: '/v1/policy/rollback',
    operation: 'apply-policy',
    answer: rollBackPolicy,
  },
  { method: 'GET', path: '/v1/revocations', operation: 'revoke-token', answer: listRevocations },
  { method: 'POST', path: '/v1/revocations', operation: 'revoke-token', answer: revoke },
  {
    method: 'DELETE',
    path: '/v1/revocations/:id',
    operation: 'revoke-token',
    answer: liftRevocation,
  },
  { method: 'GET', path: '/v1/audit/records', operation: 'read-audit', answer: answerRecords },
  {
    method: 'GET',
    path: '/v1/audit/unresolved',
    operation: 'resolve-audit',
    answer: listUnresolved,
  },
  {
    method: 'POST',
    path: '/v1/audit/resolve',
    operation: 'resolve-audit',
    answer: orderResolution,
  },
  { method: 'POST', path: '/v1/audit/prune', operation: 'prune-audit', answer: pruneAudit },
];

/** The second listener: health, and the management that the policy table itself governs. */
export function createAdmin(services: Services): Koa<GatewayState> {
  const router = new Router<GatewayState>({ sensitive: true, strict: true });
  for (const { method, path, operation, answer } of ROUTES) {
    router.register(
      path,
      [method],
      takeSteps([
        authenticate(services), // bearer token -> tenant
        readPlainly(), // one spelling of the path, no header twice
        authorizeAdmin(operation, services), // tenant, operation -> decision
        answer(services),
      ]),
    );
  }

  const admin = new Koa<GatewayState>();
  admin.on('error', (error: Error, ctx?: GatewayContext) => {
    services.log.warn(
      { requestId: ctx?.state.requestId, err: error },
      'an admin request broke off',
    );
  });
  admin.use(healthRoutes(services).routes());
  admin.use(openRequest(services)); // request id, time; in the end the answer is sent
  admin.use(recordOutcome(services)); // on the way back: one closing record, denials included
  admin.use(answerErrors(services)); // the only place that turns an error into an answer
  admin.use(guardSource(services)); // whom it comes from; the rate and concurrency of that source
  admin.use(router.routes());
  admin.use(takeSteps([refuseAdminRoute()]));
  return admin;
}

function readPlainly(): GatewayStep {
  return function readPlainly({ req, path, querystring }) {
    refuseRepeatedHeaders(req);
    const isPlain = req.url === path || req.url === `${path}?${querystring}`;
    if (isPlain && /^[\w./-]+$/.test(path)) return;
    throw new GatewayError('request-target-invalid', 'write the path plainly, without encoding');
  };
}

/** What no route took: a known path with another method, or an unknown path. */
function refuseAdminRoute(): GatewayStep {
  return function refuseAdminRoute({ path, method }) {
    const allow = ROUTES.filter((route) => patternOf(route.path).test(path)).map((it) => it.method);
    if (allow.length === 0) {
      const detail =
        'use /livez, /readyz, or what stands under /v1/policy, /v1/revocations and /v1/audit';
      throw new GatewayError('no-such-route', detail);
    }
    throw new GatewayError('method-not-allowed', `use one of ${allow.join(', ')}, not ${method}`, {
      headers: { allow: allow.join(', ') },
    });
  };
}

const patternOf = (path: string) => new RegExp(`^${path.replace(/:\w+/g, '[^/]+')}$`);
