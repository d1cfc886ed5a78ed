/** Stop cleanly on SIGINT or SIGTERM; a second signal ends the process at once. */
export function onStopSignal(stop: () => Promise<void>): void {
  let isStopping = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (isStopping) process.exit(1);
      isStopping = true;
      stop().catch((error: unknown) => {
        process.stderr.write(`slimgate: could not stop cleanly: ${error}\n`);
        process.exitCode = 1;
      });
    });
  }
}
