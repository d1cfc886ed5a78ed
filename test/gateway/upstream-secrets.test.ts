import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  ISSUER_SECRET,
  type RunningGateway,
  SECRET_KEY,
  startGateway,
} from '../support/gateway.ts';
import { answerText, startRawUpstream } from '../support/raw-upstream.ts';

const AUTO = { modes: ['Auto'], suffixes: ['jpg'] };
const METHODS = ['PUT', 'GET', 'DELETE'] as const;

/** Stands in an upstream's answer where a text stands that must stay inside. */
const HINT = 'Telltale';

const TELLTALE_DOCUMENTS: Readonly<Record<string, string>> = {
  'the text that was signed':
    `<Error><Code>SignatureDoesNotMatch</Code><Message>${HINT}</Message>` +
    `<StringToSign>sha1\n${HINT}\n</StringToSign><FormatString>put\n${HINT}\n</FormatString></Error>`,
  'another bucket':
    `<Error><Code>NoSuchBucket</Code><Message>${HINT}-1250000000 does not exist</Message>` +
    `<Resource>${HINT}-1250000000.cos.ap-beijing.myqcloud.com</Resource></Error>`,
  'the id of a key': `<Error><Code>InvalidAccessKeyId</Code><Message>AKID${HINT}</Message><AccessKeyId>AKID${HINT}</AccessKeyId></Error>`,
  'a time and an address': `<Error><Code>RequestTimeTooSkewed</Code><ServerTime>${HINT}</ServerTime><HostId>${HINT}</HostId></Error>`,
  'a code with more than a name': `<Error><Code>AccessDenied ${HINT}</Code></Error>`,
  'a code with digits': `<Error><Code>AKID0${HINT}</Code></Error>`,
  'ids with more than an id': `<Error><Code>NoSuchBucket</Code><RequestId>${HINT} ${HINT}</RequestId><TraceId>${HINT}\n${HINT}</TraceId></Error>`,
  'elements nobody knows': `<Error><Code>AccessDenied</Code><${HINT}>${HINT}</${HINT}></Error>`,
  'a page': `<html><body>${HINT}</body></html>`,
  'broken XML': `<Error><Code>${HINT}</Error>`,
  'an unknown mode and suffix': `<ImageSlim><Status>on</Status><SlimMode>${HINT}</SlimMode><Suffixs><Suffix>${HINT}</Suffix></Suffixs></ImageSlim>`,
  'an unknown status': `<ImageSlim><Status>${HINT}</Status></ImageSlim>`,
};

const TELLTALE_HEADERS: Readonly<Record<string, string>> = {
  'a cookie': `Set-Cookie: session=${HINT}; Path=/`,
  'a location': `Location: http://${HINT}.internal/`,
  'permissions for browsers': `Access-Control-Allow-Origin: ${HINT}`,
  'a challenge': `WWW-Authenticate: Basic realm="${HINT}"`,
  'a request id that is none': `x-cos-request-id: <script>${HINT}</script>`,
  'a request id of two values': `x-cos-request-id: ${HINT}\r\nx-cos-request-id: ${HINT}`,
  'a request id without an end': `x-cos-request-id: ${HINT.repeat(30)}`,
  'a trace id with blanks': `x-cos-trace-id: ${HINT} ${HINT}`,
  'a wish with text': `Retry-After: 5 ${HINT}`,
  'our own headers': `x-request-id: ${HINT}\r\nETag: "${HINT}"\r\nCache-Control: ${HINT}`,
  'a server': `Server: ${HINT}\r\nVia: ${HINT}\r\nX-Powered-By: ${HINT}`,
  'a type': `Content-Type: application/${HINT}`,
  'an encoding': `Content-Encoding: ${HINT}`,
  'the headers of a hop': `Connection: ${HINT}\r\nKeep-Alive: ${HINT}`,
  'the name of a prototype': `__proto__: ${HINT}\r\nconstructor: ${HINT}`,
  'bytes above ASCII': `x-cos-request-id: \u00e9${HINT}`,
};

const documents = Object.entries(TELLTALE_DOCUMENTS).flatMap(([name, document]) =>
  ['403 Forbidden', '200 OK', '503 Service Unavailable'].map((status) => ({
    name: `${status} with ${name}`,
    answer: answerText(status, document),
  })),
);
const headers = Object.entries(TELLTALE_HEADERS).flatMap(([name, header]) =>
  ['429 Slow', '200 OK', '302 Found'].map((status) => ({
    name: `${status} with ${name}`,
    answer: answerText(status, '', [header]),
  })),
);
const reason = { name: 'a reason phrase', answer: answerText(`500 ${HINT}`) };

/** Everything that was written down. */
function written(gateway: RunningGateway): string {
  const journal = join(gateway.directory, 'var', 'journal', 'segment-00000001.jsonl');
  return gateway.logged() + readFileSync(journal, 'utf8');
}

/** All of an answer, its head included. */
const wholeOf = async (answer: Response) =>
  answer.statusText + JSON.stringify([...answer.headers]) + (await answer.text());

test.each(METHODS)(
  '%s: what an upstream tells goes into no answer, log or record',
  async (method) => {
    const cases = [...documents, ...headers, reason];
    const upstream = await startRawUpstream((socket, { host }) => {
      socket.write(cases[Number(/^telltale-(\d+)-/.exec(host)?.[1])]?.answer ?? '', 'latin1');
    });
    const gateway = await startGateway({
      connect: upstream,
      limits: 'concurrentRequestsPerTenant: 1000',
    });
    const telling = await Promise.all(
      cases.map(async ({ name }, index) => {
        const bucket = `telltale-${index}-1250000000`;
        const answer = await gateway.call(method, {
          bucket,
          ...(method === 'PUT' && { body: AUTO }),
        });
        return (await wholeOf(answer)).includes(HINT) ? name : null;
      }),
    );
    expect(telling.filter((name) => name !== null)).toEqual([]);
    await gateway.close();
    expect(gateway.records().filter(({ kind }) => kind === 'closing')).toHaveLength(cases.length);
    expect(written(gateway)).not.toContain(HINT);
  },
);

test('the proofs of a request go into no answer, log or record, though the upstream echoes them', async () => {
  const upstream = await startRawUpstream((socket, { text }) => {
    const echo = text.replace(/[<&]/g, '');
    const document = `<Error><Code>AccessDenied</Code><Message>${echo}</Message></Error>`;
    const line = echo.replace(/\r\n/g, ' ');
    socket.write(answerText(`403 ${line}`, document, [`x-cos-request-id: ${line}`]));
  });
  const gateway = await startGateway({ connect: upstream });
  const token = gateway.token('photos');
  const said = await wholeOf(await gateway.call('PUT', { body: AUTO, token }));
  await gateway.close();
  const signature = /q-signature=([0-9a-f]{40})/.exec(upstream.bytes())?.[1];
  const secrets = [SECRET_KEY, ISSUER_SECRET, token, token.split('.')[2], signature];
  for (const secret of secrets) {
    expect(secret).toMatch(/./);
    expect((said + written(gateway)).includes(String(secret))).toBe(false);
  }
});
