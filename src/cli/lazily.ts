/**
 * An action whose code is loaded when it is asked for: verbs of one group need different rooms.
 * @param load gives the action
 */
export function lazily<Words extends readonly unknown[]>(
  load: () => Promise<(...words: Words) => Promise<void> | void>,
): (...words: Words) => Promise<void> {
  return async (...words) => {
    const act = await load();
    await act(...words);
  };
}
