/** What the page has to know of the demo world before it can draw anything; served as /setup.json. */
export interface Setup {
  /** The same for as long as the world is kept, another one for each new world. */
  worldId: string
  bot: { id: number; name: string; username: string }
  groupId: number
  /** Whose phones can be picked, in this order. */
  peopleIds: number[]
  /** The one who answers in the team's group. */
  ownerId: number
  /** Where the dashboard is. */
  publicUrl: string
}
