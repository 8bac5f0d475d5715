import { GraphiQL, HISTORY_PLUGIN } from 'graphiql';
import { useEffect, useMemo, useSyncExternalStore } from 'react';
import { examples } from './examples.js';
import { examplesPlugin } from './examples-plugin.js';
import { connect } from './fetcher.js';

interface Props {
  token: string | undefined;
  /** The server no longer takes this token on a WebSocket. Always the same function: another one makes a fresh connection. */
  onRefused(): void;
}

// The same array each time: GraphiQL opens `visiblePlugin` again whenever the plugins change.
const plugins = [examplesPlugin, HISTORY_PLUGIN];
const customScalars = { JSON: {}, JSONObject: {} };

/** GraphiQL on this server's API. A change of token makes a fresh connection, and keeps the tabs. */
export function Playground({ token, onRefused }: Props) {
  const connection = useMemo(() => connect(token, onRefused), [token, onRefused]);
  useEffect(() => () => connection.close(), [connection]);
  const dark = useSyncExternalStore(onSchemeChange, isDark);
  return (
    <>
      {token ? null : <p className="notice warn">Choose or paste a token: without one the server tells nothing, not even its schema.</p>}
      <GraphiQL
        // The editors read the system's colours once, when they are made.
        key={dark ? 'dark' : 'light'}
        fetcher={connection.fetcher}
        defaultTabs={examples}
        defaultEditorToolsVisibility="variables"
        plugins={plugins}
        visiblePlugin={examplesPlugin.title}
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

const darkScheme = window.matchMedia('(prefers-color-scheme: dark)');

function isDark(): boolean {
  return darkScheme.matches;
}

function onSchemeChange(listener: () => void): () => void {
  darkScheme.addEventListener('change', listener);
  return () => darkScheme.removeEventListener('change', listener);
}
