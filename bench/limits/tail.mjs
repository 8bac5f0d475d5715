// The least that a server must do to learn of changes: sequence them, and read what has come with one statement for a batch.
import pg from 'pg';

// What the product's own client asks for (web/client/src/operations.ts).
const select = `{ kind cursor entryId pendingCount unviewedCount entry { id medium state subject body viewedAt createdAt expiresAt } }`;
export const query = `subscription ($contact: String, $systems: [ID!]) { inboxChanged(contactExternalId: $contact, externalSystemIds: $systems) ${select} }`;

/** Calls `deliver(contactExternalId, event)` for each change, as soon as it can be seen. */
export async function startTail(databaseUrl, deliver) {
  const database = new pg.Pool({ connectionString: databaseUrl, max: 3 });
  const contents = new Map();
  let position = Number((await database.query('select position from change_log')).rows[0].position);
  let running = false;
  let rung = false;
  const round = async () => {
    rung = true;
    if (running) return;
    running = true;
    while (rung) {
      rung = false;
      await database.query('select sequence_changes(2000)');
      const { rows } = await database.query({
        name: 'tail',
        text: `select h.position, k.external_id, c.id, c.medium, c.state, c.content_id, c.tag_values, c.viewed_at, c.created_at, c.expires_at,
            n.pending, n.unviewed from change h
          join communication c on c.id = h.communication_id join contact k on k.id = h.contact_id
          cross join lateral (
            select count(*) filter (where p.state = 'PENDING')::int as pending, count(*) filter (where p.viewed_at is null)::int as unviewed
            from communication p where p.contact_id = h.contact_id and p.state in ('PENDING', 'COMPLETED')
          ) n
          where h.position > $1 order by h.position limit 1000`,
        values: [position],
      });
      for (const row of rows) {
        position = Number(row.position);
        let text = contents.get(row.content_id);
        if (!text) {
          const stored = await database.query('select texts from content where id = $1', [row.content_id]);
          text = stored.rows[0].texts.en.body;
          contents.set(row.content_id, text);
        }
        const id = `com_${row.id.replaceAll('-', '')}`;
        // A text is segments with the numbers of tags between them.
        const body = text.map((each) => (typeof each === 'string' ? each : row.tag_values[0])).join('');
        const { medium, state, viewed_at: viewedAt, created_at: createdAt, expires_at: expiresAt, pending, unviewed } = row;
        const entry = { id, medium, state, subject: null, body, viewedAt, createdAt, expiresAt };
        const cursor = String(row.position);
        deliver(row.external_id, { kind: 'ADDED', cursor, entryId: id, pendingCount: pending, unviewedCount: unviewed, entry });
      }
      rung ||= rows.length === 1_000;
    }
    running = false;
  };
  const bell = new pg.Client({ connectionString: databaseUrl });
  await bell.connect();
  bell.on('notification', () => void round());
  await bell.query('listen carillon_bell');
  const poll = setInterval(() => void round(), 500);
  return async () => {
    clearInterval(poll);
    await bell.end();
    while (running) await new Promise((done) => setTimeout(done, 5));
    await database.end();
  };
}

/** Answers the runner's questions over IPC. */
export function answer(url, close) {
  process.on('message', async ({ id, ask }) => {
    const answers = {
      memory: () => {
        globalThis.gc?.();
        return process.memoryUsage();
      },
      // With the pages that V8 has let go of, and would give back some seconds later.
      rest: () => {
        globalThis.gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' });
        return process.memoryUsage();
      },
      cpu: () => process.cpuUsage(),
      close,
    };
    process.send({ id, answer: await answers[ask]() });
    if (ask === 'close') process.exit(0);
  });
  process.send({ ready: url });
}
