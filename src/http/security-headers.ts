/** What every answer says to a browser and to what stands between: keep nothing, guess nothing, show it nowhere. */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

/** The header of the server's own id of a request. */
export const REQUEST_ID = 'memwarden-request-id';
