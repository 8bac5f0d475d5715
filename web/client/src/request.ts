/** A GraphQL request that gave no data: what the server said, or that it could not be reached. */
export class RequestFailed extends Error {
  override name = 'RequestFailed';
  constructor(
    /** `extensions.code` of the first error; UNREACHABLE where no answer came at all. */
    readonly code: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }

  /** The same request may succeed later, unchanged. */
  get transient(): boolean {
    return ['UNREACHABLE', 'UNAVAILABLE', 'RATE_LIMITED'].includes(this.code);
  }

  /** Another token is needed. */
  get denied(): boolean {
    return ['UNAUTHENTICATED', 'FORBIDDEN'].includes(this.code);
  }
}

export interface Operation {
  query: string;
  variables?: Record<string, unknown>;
}
interface GraphQLAnswer {
  data?: unknown;
  errors?: { message: string; extensions?: { code?: string } }[];
}

/** One query or mutation over HTTP. `Data` is the shape that the operation's text asks for. */
export async function request<Data>(url: string, token: string, operation: Operation): Promise<Data> {
  const answer = await post(url, token, operation);
  const error = answer.errors?.[0];
  if (error) throw new RequestFailed(error.extensions?.code ?? 'INTERNAL', error.message);
  // The cast is the caller's promise that its type follows its query; the server checked the query.
  return answer.data as Data;
}

async function post(url: string, token: string, operation: Operation): Promise<GraphQLAnswer> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        accept: 'application/graphql-response+json, application/json;q=0.9',
      },
      body: JSON.stringify(operation),
    });
    return (await response.json()) as GraphQLAnswer;
  } catch (cause) {
    throw new RequestFailed('UNREACHABLE', 'The server does not answer', { cause });
  }
}
