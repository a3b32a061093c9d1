/**
 * Full-text search over titles, prompts and agent messages. What is to be indexed is queued by triggers, in the
 * transaction that changes it, and indexed soon after: cutting texts into words costs several times the write itself.
 * The index keeps no text: snippets are made from the rows. What was there before is queued here, oldest first, because
 * the queue is worked off from its end.
 */
import { type Kysely, sql } from 'kysely'

const SEARCHED = sql.raw(`type in ('userMessage', 'agentMessage') and status <> 'inProgress'`)
const SEARCHED_NEW = sql.raw(`new.type in ('userMessage', 'agentMessage') and new.status <> 'inProgress'`)

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('search_texts')
    // Milliseconds since 1970 times 2^10, and a count: what the index finds comes in the order of time, without sorting.
    .addColumn('id', 'integer', (column) => column.primaryKey())
    .addColumn('session_id', 'text', (column) => column.notNull())
    // Empty for the session's title.
    .addColumn('item_id', 'text', (column) => column.notNull())
    .addColumn('turn_id', 'text')
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('at', 'real', (column) => column.notNull())
    // Of sessions that were never read into the store; null where the text stands in another table.
    .addColumn('text', 'text')
    .addUniqueConstraint('search_texts_key', ['session_id', 'item_id'])
    .modifyEnd(sql`strict`)
    .execute()
  await db.schema
    .createTable('search_pending')
    .addColumn('id', 'integer', (column) => column.primaryKey())
    .addColumn('session_id', 'text', (column) => column.notNull())
    .addColumn('item_id', 'text', (column) => column.notNull())
    .modifyEnd(sql`strict`)
    .execute()
  await db.schema
    .createTable('search_rollouts')
    .addColumn('thread_id', 'text', (column) => column.primaryKey())
    .addColumn('session_id', 'text', (column) => column.notNull())
    // Of what was indexed to its end, or is being indexed.
    .addColumn('stamp', 'text', (column) => column.notNull())
    // Where a half-read one goes on; null when all of it is indexed.
    .addColumn('read_state', 'text')
    .modifyEnd(sql`strict`)
    .execute()
  await db.schema
    .createIndex('search_rollouts_of_session')
    .on('search_rollouts')
    .column('session_id')
    .execute()
  await sql`create virtual table search using fts5 (
    words, content = '', contentless_delete = 1,
    tokenize = "unicode61 remove_diacritics 0 categories 'L* N* Co M*'"
  )`.execute(db)

  await sql`create trigger search_item_put after insert on items when ${SEARCHED_NEW} begin
    insert into search_pending (session_id, item_id) values (new.session_id, new.id);
  end`.execute(db)
  await sql`create trigger search_item_changed after update on items
    when ${SEARCHED_NEW} and (old.body is not new.body or old.status is not new.status) begin
    insert into search_pending (session_id, item_id) values (new.session_id, new.id);
  end`.execute(db)
  await sql`create trigger search_item_gone after delete on items begin
    delete from search_texts where session_id = old.session_id and item_id = old.id;
  end`.execute(db)
  await sql`create trigger search_title_put after insert on sessions begin
    insert into search_pending (session_id, item_id) values (new.id, '');
  end`.execute(db)
  await sql`create trigger search_title_changed after update of summary on sessions
    when json_extract(old.summary, '$.title') is not json_extract(new.summary, '$.title') begin
    insert into search_pending (session_id, item_id) values (new.id, '');
  end`.execute(db)
  await sql`create trigger search_session_gone after delete on sessions begin
    delete from search_texts where session_id = old.id;
    delete from search_rollouts where session_id = old.id;
  end`.execute(db)
  // A history that was read into the store to its end is found there; what came from the file itself gives way.
  await sql`create trigger search_rollout_read after update of read_stamp on rollouts
    when new.read_stamp is not null and old.read_stamp is null begin
    delete from search_texts where session_id = new.session_id and text is not null;
    delete from search_rollouts where thread_id = new.thread_id;
  end`.execute(db)
  await sql`create trigger search_text_gone after delete on search_texts begin
    delete from search where rowid = old.id;
  end`.execute(db)

  await sql`insert into search_pending (session_id, item_id)
    select items.session_id, items.id from items left join sessions on sessions.id = items.session_id
    where ${SEARCHED} order by sessions.updated_at, items.session_id, items.seq`.execute(db)
  await sql`insert into search_pending (session_id, item_id)
    select id, '' from sessions order by updated_at`.execute(db)
}
