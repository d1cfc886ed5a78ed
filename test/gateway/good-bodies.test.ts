import { expect, test } from 'vitest';
import { startGateway } from '../support/gateway.ts';
import { replyNormally, startRawUpstream } from '../support/raw-upstream.ts';

/** All orders of all subsets with one element or more. */
function arrangements<T>(items: readonly T[]): T[][] {
  return items.flatMap((item) => [
    [item],
    ...arrangements(items.filter((other) => other !== item)).map((rest) => [item, ...rest]),
  ]);
}

const SUFFIXES = ['jpg', 'png', 'gif'];

/** The document that a body means. Source: Cloud Infinite documentation, "PUT image-slim". */
function documentOf(modes: readonly string[], suffixes: readonly string[]): string {
  const mode = ['Auto', 'API'].filter((one) => modes.includes(one)).join(',');
  const list = SUFFIXES.filter((one) => suffixes.includes(one));
  const elements = list.map((suffix) => `<Suffix>${suffix}</Suffix>`).join('');
  const suffixElement = elements && `<Suffixs>${elements}</Suffixs>`;
  return `<ImageSlim><SlimMode>${mode}</SlimMode>${suffixElement}</ImageSlim>`;
}

const BODIES = arrangements(['Auto', 'API']).flatMap((modes): [string[], string[]][] =>
  modes.includes('Auto')
    ? arrangements(SUFFIXES).map((suffixes) => [modes, suffixes])
    : [[modes, []]],
);

test('every legal body in every order is one of the 15 documents', async () => {
  expect(BODIES).toHaveLength(46);
  const upstream = await startRawUpstream(replyNormally);
  const gateway = await startGateway({
    connect: upstream,
    limits: 'concurrentRequestsPerTenant: 100',
  });
  for (const [modes, suffixes] of BODIES) {
    const body = modes.includes('Auto') ? { modes, suffixes } : { modes };
    const answer = await gateway.call('PUT', { body });
    expect(answer.status).toBe(200);
    expect(upstream.requests.at(-1)?.body).toBe(documentOf(modes, suffixes));
  }
  expect(new Set(upstream.requests.map(({ body }) => body)).size).toBe(15);
});

test('a body may be written with blanks, escapes and members in any order', async () => {
  const upstream = await startRawUpstream(replyNormally);
  const gateway = await startGateway({ connect: upstream });
  const wanted = documentOf(['Auto'], ['jpg']);
  for (const body of [
    '{"suffixes":["jpg"],"modes":["Auto"]}',
    ' \r\n\t{ "modes" : [ "Auto" ] , "suffixes" : [ "jpg" ] } \n',
    '{"m\\u006fdes":["\\u0041uto"],"suffixes":["\\u006a\\u0070g"]}',
  ]) {
    expect((await gateway.call('PUT', { body })).status).toBe(200);
    expect(upstream.requests.at(-1)?.body).toBe(wanted);
  }
});
