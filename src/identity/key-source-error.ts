/** Why a key set cannot be had: a short sentence without any of the document in it. */
export class KeySourceError extends Error {
  override readonly name = 'KeySourceError';
}
