/** What a signature covers. Parameters and headers are by name; each name stands once. */
export interface CoveredRequest {
  readonly method: string;
  /** The path after decoding: it starts with a slash, without host and query. */
  readonly path: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
}

/** The canonical text of a request, and the lists that say what it covers. */
export interface CanonicalRequest {
  readonly httpString: string;
  readonly urlParamList: string;
  readonly headerList: string;
}

/**
 * Bring a request into its one canonical text form.
 * Source: COS documentation, "Request Signature", steps 3 to 5.
 */
export function canonicalRequest(request: CoveredRequest): CanonicalRequest {
  const parameters = canonicalPairs(request.parameters);
  const headers = canonicalPairs(request.headers);
  const method = request.method.toLowerCase();
  return {
    // INVARIANT: an empty part keeps its line, and the text ends with a line feed.
    httpString: `${method}\n${request.path}\n${parameters.pairs}\n${headers.pairs}\n`,
    urlParamList: parameters.names,
    headerList: headers.names,
  };
}

function canonicalPairs(values: Readonly<Record<string, string>>) {
  const sorted = Object.entries(values)
    // INVARIANT: names are encoded, then lower-cased, then sorted; values keep their case.
    .map(([name, value]) => ({ name: urlEncode(name).toLowerCase(), value: urlEncode(value) }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  return {
    names: sorted.map(({ name }) => name).join(';'),
    pairs: sorted.map(({ name, value }) => `${name}=${value}`).join('&'),
  };
}

/**
 * Percent-encode everything but RFC 3986 unreserved characters, upper-case hex.
 * Source: COS documentation, "Request Signature", `UrlEncode`: `encodeURIComponent` leaves five
 * characters alone that the upstream encodes.
 */
export function urlEncode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
