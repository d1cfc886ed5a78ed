/** What a child sends back. */
export type Reply<Answer> = { readonly answer: Answer } | { readonly error: string };

/**
 * Answer the parent's questions, and end when it closes the channel or is gone. An interrupt from
 * the terminal reaches us too; it is left to the parent, so that clearing up is done in one way.
 */
export function answerParent<Question, Answer>(
  answer: (question: Question) => Promise<Answer>,
  clearUp: () => Promise<void> = async () => {},
): void {
  process.on('message', (question: Question) => {
    answer(question).then(
      (answered) => reply({ answer: answered }),
      (error: unknown) => reply({ error: error instanceof Error ? error.message : String(error) }),
    );
  });
  process.on('disconnect', () => {
    clearUp().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  });
  process.on('SIGINT', () => {});
}

function reply(message: Reply<unknown>): void {
  if (process.connected) process.send?.(message);
}
