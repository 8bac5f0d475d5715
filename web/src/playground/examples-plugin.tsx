import { type GraphiQLPlugin, useGraphiQL, useGraphiQLActions } from '@graphiql/react';
import { useEffect } from 'react';
import { type Example, examples } from './examples.js';

/** The list of examples beside the editor: fifteen tabs are more than a tab bar shows. */
export const examplesPlugin: GraphiQLPlugin = { title: 'Examples', icon: ExamplesIcon, content: ExamplesList };

function ExamplesList() {
  const { tabs, active } = useGraphiQL((state) => ({ tabs: state.tabs, active: state.activeTabIndex }));
  const open = useOpenExample();
  useEffect(() => {
    document.querySelectorAll('.graphiql-tab')[active]?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [active]);
  return (
    <section aria-label="Examples">
      <h2 className="examples-title">Examples</h2>
      <ol className="examples">
        {examples.map((example) => (
          <li key={example.name}>
            <button type="button" aria-current={tabs[active]?.title === example.name} onClick={() => open(example)}>
              <strong>{wordsOf(example.name)}</strong>
              <span>{example.purpose}</span>
            </button>
          </li>
        ))}
      </ol>
    </section>
  );
}

/** Goes to the example's tab, or opens it again where it has been closed. */
function useOpenExample(): (example: Example) => void {
  const { addTab, changeTab } = useGraphiQLActions();
  const { tabs, queryEditor, variableEditor } = useGraphiQL((state) => ({
    tabs: state.tabs,
    queryEditor: state.queryEditor,
    variableEditor: state.variableEditor,
  }));
  return (example) => {
    const index = tabs.findIndex((tab) => tab.title === example.name);
    if (index >= 0) return changeTab(index);
    addTab();
    queryEditor?.setValue(example.query);
    variableEditor?.setValue(example.variables ?? '');
  };
}

/** CreateTemplate as "Create template". */
function wordsOf(name: string): string {
  const words = name
    .replace(/([A-Z])/g, ' $1')
    .trim()
    .toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1).replace(/\bi\b/, 'I');
}

function ExamplesIcon() {
  return (
    <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="1.5" strokeLinecap="round" aria-hidden="true">
      <path d="M9 6h11M9 12h11M9 18h11" />
      <path d="M4 6h.01M4 12h.01M4 18h.01" strokeWidth="2.6" />
    </svg>
  );
}
