/**
 * What a dispute's status means for what was granted. From left to right it only goes forward: a late reader of an
 * earlier word changes nothing. A lost one can still be won by an appeal; a won one stays won.
 */
const disputeStages = ['inquiry', 'open', 'lost', 'won'] as const
export type DisputeStage = (typeof disputeStages)[number]

/**
 * Reads Stripe's word for a dispute (https://docs.stripe.com/api/disputes/object#dispute_object-status). A warning is a
 * question of the bank that moves no money; a word that is not known yet counts as an open dispute.
 */
export function judgeDispute(status: string): DisputeStage {
  switch (status) {
    case 'warning_needs_response':
    case 'warning_under_review':
    case 'warning_closed':
    case 'prevented':
      return 'inquiry'
    case 'lost':
    case 'appeal_needs_response':
    case 'appeal_under_review':
      return 'lost'
    case 'won':
      return 'won'
    default:
      return 'open'
  }
}

/** Whether the bank has said its last word (for now). */
export function isDisputeOver(status: string): boolean {
  return ['warning_closed', 'prevented', 'lost', 'won'].includes(status)
}

/** Whether what is known now comes after what was known. Within a stage the newer reading counts, unless it was over. */
export function isNewsOfDispute(before: string, after: string): boolean {
  const step = disputeStages.indexOf(judgeDispute(after)) - disputeStages.indexOf(judgeDispute(before))
  return step > 0 || (step === 0 && before !== after && !isDisputeOver(before))
}
