/**
 * A place where requests wait for each other: who comes to it in one turn of the event loop goes on
 * when the loop has read all that there is to read, in the order in which they came.
 *
 * Between two waits a request then does what the one before it has just done, with code and data
 * still in the processor's caches, and answers go out together, which wakes their readers once.
 * Source: Larus, Parkes, "Using Cohort Scheduling to Enhance Server Performance", USENIX 2002.
 */
export function createCohort(): () => Promise<void> {
  let gathering: Promise<void> | null = null;
  return function gathered() {
    gathering ??= new Promise((resolve) => {
      setImmediate(() => {
        gathering = null;
        resolve();
      });
    });
    return gathering;
  };
}
