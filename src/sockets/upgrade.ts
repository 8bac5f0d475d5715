const path = '/graphql';
/** A token in an address ends up in the logs of every proxy on the way. */
const secretNames = /token|auth|bearer|secret|jwt|api[_-]?key/i;
const secretValues = /^(Bearer |ck_)|^[\w-]{10,}\.[\w-]{10,}\.[\w-]+$/i;

/** Why an upgrade to WebSocket is refused, as the HTTP answer to it; undefined where it is not. */
export function refusalOf(url: string, busy: boolean): string | undefined {
  const base = 'http://localhost';
  if (!URL.canParse(url, base)) return answer('400 Bad Request', 'This is no address.');
  const { pathname, searchParams } = new URL(url, base);
  if (pathname !== path) return answer('404 Not Found', `WebSockets are served at ${path}.`);
  for (const [name, value] of searchParams) {
    if (secretNames.test(name) || secretValues.test(value))
      return answer('400 Bad Request', 'Show the token in the payload of connection_init as `authorization`, never in the address.');
  }
  if (busy) return answer('503 Service Unavailable', 'Too many sockets have not shown a token yet; try again later.', 'Retry-After: 5\r\n');
  return undefined;
}

function answer(status: string, words: string, headers = ''): string {
  return `HTTP/1.1 ${status}\r\nConnection: close\r\n${headers}Content-Type: text/plain; charset=utf-8\r\nContent-Length: ${words.length + 1}\r\n\r\n${words}\n`;
}
