import { GraphiQL } from 'graphiql';
import { useEffect, useMemo } from 'react';
import { exampleTabs } from './examples.js';
import { connect } from './fetcher.js';

interface Props {
  token: string | undefined;
  /** The server no longer takes this token on a WebSocket. */
  onRefused(): void;
}

const customScalars = { JSON: {}, JSONObject: {} };

/** GraphiQL on this server's API. A change of token makes a fresh connection, and keeps the tabs. */
export function Playground({ token, onRefused }: Props) {
  const connection = useMemo(() => connect(token, onRefused), [token]);
  useEffect(() => () => connection.close(), [connection]);
  return (
    <>
      {token ? null : <p className="notice warn">Choose or paste a token: without one the server tells nothing, not even its schema.</p>}
      <GraphiQL
        fetcher={connection.fetcher}
        defaultTabs={exampleTabs}
        customScalarSchemas={customScalars}
        inputValueDeprecation
        schemaDescription
        isHeadersEditorEnabled={false}
      >
        <GraphiQL.Logo>
          <span />
        </GraphiQL.Logo>
      </GraphiQL>
    </>
  );
}
