import type { ControlVerbs } from '../control-types.ts'
import type { World } from '../world/world.ts'
import { groupVerbs } from './groups.ts'
import { lookingVerbs } from './looking.ts'
import { peopleVerbs } from './people.ts'
import { starVerbs } from './stars.ts'
import { topicVerbs } from './topics.ts'
import { touchingVerbs } from './touching.ts'
import { troubleVerbs } from './trouble.ts'
import { writingVerbs } from './writing.ts'

export function createVerbs(world: World): ControlVerbs {
  return {
    ...peopleVerbs(world),
    ...groupVerbs(world),
    ...writingVerbs(world),
    ...touchingVerbs(world),
    ...starVerbs(world),
    ...topicVerbs(world),
    ...lookingVerbs(world),
    ...troubleVerbs(world),
  }
}
