/** What docs/benchmarks.md says beside the figures. */

export const INTRODUCTION = `# Benchmarks

What a request costs the gateway's process, beside what it would cost without the gateway's work.
This page and its plots are written by the benchmark; to change them, change \`bench/\` and run it again.

- **CPU µs** is what counts for capacity: user and system time of the proxy process, with all its
  threads, per request. The upstream and the load generator are processes of their own.
- **lowest to highest** shows how far the rounds lie apart: the noise.
- **× http-proxy** compares with the bare http-proxy of the same round: CPU below 1 is cheaper,
  requests above 1 are more. It is the one figure that can be carried to another machine.
- The percentiles are the time from sending a request to having its whole answer. With 64 callers
  that is mostly waiting in line: every caller asks again as soon as it is answered.
- **p50 adds ms** is what a row adds to the upstream's own median, of the same round.
`;

export const GROWTH_INTRODUCTION = `## What grows

The whole job again, with more and more of one thing. Sizes take turns in rounds of their own.
`;

export const METHOD = `## What is measured

| row | what it does |
| --- | --- |
| Slimgate: PUT | the whole way: HS256 token, strict JSON, policy table, XML, signature, intent and closing each synced to the journal, forwarded, a log line to \`/dev/null\`; one call upstream, as its peers make (\`state.readBefore: never\`) |
| … the state read before | the default, \`state.readBefore: always\`: the bucket's state is read before it is changed, so two calls upstream; \`state.skipNoOp: false\`, so that the change is sent although nothing would change |
| … RS256, ES256 | the same with a token of another algorithm; its signature is verified once and then remembered |
| … 1,000 tenants | each with a token and a statement of its own, asking in turn |
| … each token cold | no verified token is remembered (\`identity.rememberedTokens: 0\`): every request pays for the signature of its token |
| … denied | refused with 403 by the policy table; recorded, but the answer does not wait for the record |
| Slimgate: GET | the upstream's XML told in JSON; recorded, but the answer does not wait for the record |
| Slimgate: PUT, dry run | everything up to the signed request; nothing is sent |
| the job the plain way | the same job on the same libraries as one would first write it: the secret as a text, XML and signature made anew for each request, the caller's request handed to http-proxy; no journal, no log, none of the refusals that \`src/upstream\` is there for |
| Koa, router and http-proxy | a framework and a proxy as one would first join them, no logic |
| @fastify/http-proxy | Fastify and its own proxy with its defaults, no log, no logic |
| http-proxy | connections to the upstream kept open, all options in its constructor, no logic: a proxy and nothing else |
| nginx proxy_pass | one worker, connections kept open, no access log; measured when nginx is on the path |
| Koa | reads the body and answers: a framework and nothing else |
| the upstream | nothing between it and the load generator |

All callers send the same body of 49 bytes. But for the rows that say otherwise they have one HS256
token, of a tenant that may do everything or, for the denied row, may only look. Each row runs in a
process of its own, on its own port, against one upstream: a \`node:http\` server that takes every
request and answers at once, so that the upstream's own time is not in the figures. The gateway has
its default settings, but for what the table says and limits that callers cannot reach; its journals lie in the temporary
directory. The load generator writes finished bytes on kept connections and looks at the status of
every answer; a wrong one fails the run.

Rows take turns within a round. A figure is the median over the rounds, a ratio the median of the
ratios within one round. CPU time is read while no request is under way, just before and just after
the requests that it is divided by; what a subject does behind its answers, as the gateway's index of
its journal, is awaited first, so that it is in the figure.

The process is \`slimgate start\` as an operator runs it, without a local Cloud Infinite: started from
the beginning to its line \`ready\`, its memory as it sees it itself, a module loaded into it for that.

## What the figures do not say

- **Other machines.** Absolute figures are those of one machine. Subject, upstream and load
  generator share its cores; with two cores, 64 callers keep both full, and requests/s says less
  than CPU time. A warm process varies by up to a third from run to run: compare two runs by their
  ratios alone, and take a difference below a tenth for none.
- **Your disk.** A PUT waits for two syncs. Callers that wait together share them, so the disk shows
  most in the latency of one caller, which also pays the CPU time of each commit alone. Where the
  temporary directory is a \`tmpfs\` a sync costs nothing; \`TMPDIR\` puts the journals elsewhere.
- **Your upstream.** The real service answers in tens of milliseconds, over TLS; then the gateway's
  share of the latency is small, and TLS is a cost that no row has.
- **An open world.** Callers wait for their answers, so a slow subject is asked less. The
  percentiles are those of a steady load, not of one that arrives whatever happens.
- **Days.** Hours of load are another command: [soak.md](soak.md). Where the time goes is in
  [profile.md](profile.md).
`;
