/** Why a database is left as it is and not used: one line that says what to change. */
export class StoreRefusal extends Error {
  override readonly name = 'StoreRefusal';
}
