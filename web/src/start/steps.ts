import type { ServerStatus } from '../site/status.js';

export interface Step {
  title: string;
  text: string;
  action: string;
  href: string;
  newWindow?: boolean;
}

/** The walkthrough, for the demo company: elsewhere its contacts and tokens do not exist. */
export function stepsOf(status: ServerStatus | undefined): Step[] {
  if (!status?.demo) return [];
  const contact = status.tokens?.find((token) => token.role === 'CONTACT')?.subject ?? 'C0001';
  const inbox = `/inbox?contact=${encodeURIComponent(contact)}`;
  return [
    {
      title: 'Open an inbox',
      text: `The messages of contact ${contact}, live. Leave the window open.`,
      action: 'Open it beside this one',
      href: inbox,
      newWindow: true,
    },
    ...(status.playground ? playgroundSteps() : []),
    {
      title: 'See what would have left',
      text: 'E-mail and SMS wait in the outbox viewer, rendered as their reader would get them.',
      action: 'Open the outbox',
      href: '/sandbox',
    },
    {
      title: 'Cut the connection',
      text: 'In the inbox: cut it, settle or send something elsewhere, and reconnect. What was missed is replayed, once.',
      action: 'Back to the inbox',
      href: inbox,
    },
  ];
}

function playgroundSteps(): Step[] {
  return [
    {
      title: 'Preview a template',
      text: 'Run the tab “Preview”: rendered for one contact exactly as a send would, and nothing is sent.',
      action: 'Open the playground',
      href: '/playground?as=admin',
    },
    {
      title: 'Send something',
      text: 'Run “SendEmail”, or follow the tabs from “WhatTheDemoSeeds” to a plan that runs while you watch.',
      action: 'Send it',
      href: '/playground?as=admin',
    },
  ];
}
