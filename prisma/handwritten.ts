/**
 * What the migrations make beyond schema.prisma, because Prisma cannot express it. The drift test allows these
 * differences between a migrated database and the schema, and no others. Each is `kind name`, as `describeCatalog`
 * writes it.
 */
export const HANDWRITTEN: readonly string[] = [
  'constraint accounts.accounts_bonus_not_negative',
  'constraint accounts.accounts_debt_not_negative',
  'constraint accounts.accounts_paid_not_negative',
  'constraint ledger_entries.ledger_entries_amount_adds_up',
  'constraint ledger_entries.ledger_entries_balance_bounded',
  'constraint products.products_sane',
  'function accept_messages(bigint,json,jsonb,boolean,integer,text,integer)',
  'function post_entry(bigint,ledger_kind,text,integer,integer,integer,text,text,text)',
  'function refuse_change()',
  'index accounts_pass_ending',
  'index conversations_card_dirty',
  'index conversations_waiting',
  'index inbox_dead',
  'index inbox_done',
  'index inbox_open',
  'index messages_album',
  'index outbox_dead',
  'index outbox_lane',
  'index outbox_pending',
  'index payments_quarantined',
  'index stripe_events_open',
  'options accounts',
  'options conversations',
  'options inbox',
  'options outbox',
  'trigger audit_entries.audit_entries_append_only',
  'trigger ledger_entries.ledger_entries_append_only',
]
