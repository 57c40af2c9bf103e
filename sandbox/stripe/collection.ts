import { invalidRequest, missingResource } from './errors.ts'
import type { StripeObject } from './objects/wire-object.ts'
import type { CreatedRange, Paging } from './params.ts'

export type StripeList<T> = { object: 'list'; url: string; has_more: boolean; data: T[] }

/** All objects of one kind, in the order they were created. */
export class Collection<T extends StripeObject> {
  private readonly byId = new Map<string, T>()
  /** How refusals name it: "No such customer". */
  readonly noun: string

  constructor(noun: string) {
    this.noun = noun
  }

  add(object: T): T {
    this.byId.set(object.id, object)
    return object
  }

  find(id: string | null): T | undefined {
    return id === null ? undefined : this.byId.get(id)
  }

  /** For an id in the path: its absence is a 404. */
  get(id: string): T {
    const object = this.byId.get(id)
    if (!object) throw missingResource(this.noun, id)
    return object
  }

  /** For an id given as a parameter: its absence is a 400 that names the parameter. */
  require(id: string, param: string): T {
    const object = this.byId.get(id)
    if (!object) throw missingResource(this.noun, id, param, 400)
    return object
  }

  delete(id: string): void {
    this.byId.delete(id)
  }

  all(): T[] {
    return [...this.byId.values()]
  }

  clear(): void {
    this.byId.clear()
  }

  /** A page of the matching objects, newest first. */
  page(url: string, params: Paging & { created?: CreatedRange }, matches: (object: T) => boolean = () => true) {
    const objects = this.all()
      .reverse()
      .filter((object) => isWithin(object.created as number | undefined, params.created) && matches(object))
    return paginate(url, objects, params, this.noun)
  }
}

/** Cuts one page out of a full list, by the cursor rules every list shares. */
export function paginate<T extends { id: string }>(
  url: string,
  objects: T[],
  params: Paging,
  noun: string,
): StripeList<T> {
  const limit = params.limit ?? 10
  if (limit < 1 || limit > 100)
    throw invalidRequest(
      limit < 1 ? 'This value must be greater than or equal to 1.' : 'This value must be less than or equal to 100.',
      { param: 'limit', code: limit < 1 ? 'parameter_invalid_integer' : 'parameter_invalid_integer' },
    )
  if (params.starting_after !== undefined && params.ending_before !== undefined)
    throw invalidRequest('Please specify either `starting_after` or `ending_before`, but not both.', {
      param: 'starting_after',
    })
  const positionOf = (id: string, param: string) => {
    const index = objects.findIndex((object) => object.id === id)
    if (index < 0) throw missingResource(noun, id, param, 400)
    return index
  }
  if (params.ending_before !== undefined) {
    const end = positionOf(params.ending_before, 'ending_before')
    const start = Math.max(0, end - limit)
    return { object: 'list', url, has_more: start > 0, data: objects.slice(start, end) }
  }
  const start = params.starting_after === undefined ? 0 : positionOf(params.starting_after, 'starting_after') + 1
  return { object: 'list', url, has_more: objects.length > start + limit, data: objects.slice(start, start + limit) }
}

function isWithin(created: number | undefined, range: CreatedRange | undefined): boolean {
  if (range === undefined) return true
  if (created === undefined) return false
  if (typeof range === 'number') return created === range
  return (
    created > (range.gt ?? -Infinity) &&
    created >= (range.gte ?? -Infinity) &&
    created < (range.lt ?? Infinity) &&
    created <= (range.lte ?? Infinity)
  )
}
