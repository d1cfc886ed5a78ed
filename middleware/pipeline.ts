import Router from '@koa/router';
import Koa from 'koa';
import type { Services } from '../src/services.ts';
import { OPERATIONS, SETTING_OPERATIONS } from '../src/slim/operation.ts';
import { admit } from './admit.ts';
import { answerDecision } from './answer-decision.ts';
import { answerDryRun } from './answer-dry-run.ts';
import { answerErrors } from './answer-errors.ts';
import { answerOwnRecords } from './answer-records.ts';
import { authenticate } from './authenticate.ts';
import { authorize } from './authorize.ts';
import { authorizeObjects } from './authorize-objects.ts';
import { confirmDecision } from './confirm-decision.ts';
import { forward } from './forward.ts';
import { guardSource } from './guard-source.ts';
import { measureSavings } from './measure-savings.ts';
import { openRequest } from './open-request.ts';
import { readOperation } from './read-operation.ts';
import { DECISIONS_PATH, readQuestion } from './read-question.ts';
import { readSavings, SAVINGS_PATH } from './read-savings.ts';
import { readState } from './read-state.ts';
import { recordIntent } from './record-intent.ts';
import { recordOutcome } from './record-outcome.ts';
import { refuseOutage } from './refuse-outage.ts';
import { refuseRoute } from './refuse-route.ts';
import { shortcut } from './shortcut.ts';
import { sign } from './sign.ts';
import type { GatewayContext, GatewayState } from './state.ts';
import { takeSteps } from './take-steps.ts';
import { enterRegion, takeTurn } from './take-turn.ts';
import { translate } from './translate.ts';

export const IMAGE_SLIM_PATH = '/v1/regions/:region/buckets/:bucket/image-slim';

/** A tenant's own records, and on the other listener everybody's. */
export const RECORDS_PATH = '/v1/audit/records';

/** The gateway: the whole way of a request, top to bottom. */
export function createGateway(services: Services): Koa<GatewayState> {
  const router = new Router<GatewayState>({ sensitive: true, strict: true });
  const methods = SETTING_OPERATIONS.map((name) => OPERATIONS[name].method);
  const way = takeSteps([
    authenticate(services), // bearer token -> tenant
    admit(services), // the tenant's rate and concurrency
    readOperation(services), // method, path, bounded body -> operation
    authorize(services), // tenant, operation -> decision
    translate(services), // operation -> XML upstream request
    sign(services), // upstream request -> signed request
    answerDryRun(), // a dry run ends here
    takeTurn(services), // one change of a bucket at a time
    enterRegion(services), // so many calls to one region
    refuseOutage(services), // who fails again and again is left alone
    readState(services), // what the bucket is before a change: If-Match, and nothing to do
    confirmDecision(services), // by the table that is in force after the wait
    recordIntent(services), // durable before anything is sent, or 503
    forward(services), // signed request -> upstream answer
  ]);
  router.register(IMAGE_SLIM_PATH, methods, way);
  router.get(
    RECORDS_PATH,
    takeSteps([authenticate(services), admit(services), answerOwnRecords(services)]),
  );

  router.register(
    SAVINGS_PATH,
    ['GET'],
    takeSteps([
      authenticate(services),
      admit(services),
      readSavings(services), // path and query -> the objects that are asked about
      authorize(services),
      authorizeObjects(services), // each object -> decision
      translate(services),
      sign(services),
      takeTurn(services),
      enterRegion(services),
      refuseOutage(services),
      confirmDecision(services, authorizeObjects(services)),
      measureSavings(services), // the bucket's state, then each object: streamed, counted, dropped
    ]),
  );

  router.register(
    DECISIONS_PATH,
    ['POST'],
    takeSteps([
      authenticate(services),
      admit(services),
      readQuestion(services), // bounded body -> the operation that is asked about
      answerDecision(services), // the decision about it, and why
    ]),
  );

  const gateway = new Koa<GatewayState>();
  // A fault of a layer: without a listener Koa prints it past the log.
  gateway.on('error', (error: Error, ctx?: GatewayContext) => {
    services.log.warn({ requestId: ctx?.state.requestId, err: error }, 'a request broke off');
  });
  gateway.use(openRequest(services)); // request id, time; in the end the answer is sent
  gateway.use(recordOutcome(services)); // on the way back: one closing record, denials included
  gateway.use(answerErrors(services)); // the only place that turns an error into an answer
  gateway.use(guardSource(services)); // whom it comes from; the rate and concurrency of that source
  gateway.use(shortcut(IMAGE_SLIM_PATH, methods, way)); // past the router, where it would lead as well
  gateway.use(router.routes());
  gateway.use(takeSteps([refuseRoute()])); // what no route took: 404 or 405
  return gateway;
}
