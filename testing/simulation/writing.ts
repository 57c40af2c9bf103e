import { count, type Person, type Town } from '#testing/simulation/people.ts'

const TEXT_COSTS = 1
const PHOTO_COSTS = 3
const STICKER_COSTS = 1

/** Somebody writes: texts mostly, now and then an album or a picture, each with a mark that is found again. */
export async function write(town: Town, person: Person): Promise<void> {
  const { world } = town
  const { id: userId, dice } = person
  const mark = `${userId}.${person.said.length}`
  count(town, 'messages')
  switch (dice.weighted({ text: 80, photo: 8, album: 8, sticker: 4 })) {
    case 'text': {
      const { message_id: messageId } = world.telegram.sendText({ userId, text: `#${mark}#` })
      person.said.push({ messageIds: [messageId], marks: [mark], cost: TEXT_COSTS })
      return
    }
    case 'photo': {
      const sent = world.telegram.sendMedia({ userId, kind: 'photo', caption: `#${mark}#` })
      person.said.push({ messageIds: [sent.message_id], marks: [mark], cost: PHOTO_COSTS })
      return
    }
    case 'album': {
      const said = { messageIds: [] as number[], marks: [`${mark}.a`, `${mark}.b`], cost: PHOTO_COSTS }
      person.said.push(said)
      const items = said.marks.map((one) => ({ kind: 'photo' as const, caption: `#${one}#` }))
      const sent = await world.telegram.sendAlbum({ userId, items })
      said.messageIds.push(...sent.map(({ message_id: messageId }) => messageId))
      return
    }
    case 'sticker': {
      const sent = world.telegram.sendMedia({ userId, kind: 'sticker' })
      person.said.push({ messageIds: [sent.message_id], marks: [], cost: STICKER_COSTS })
    }
  }
}
