/** A decoded form: `a[b][0]=c` becomes `{ a: { b: { 0: 'c' } } }`. Lists stay keyed by index until a parser asks. */
export type FormTree = { [key: string]: FormNode }
export type FormNode = string | FormTree

export function decodeForm(text: string): FormTree {
  const root = emptyTree()
  for (const [name, value] of new URLSearchParams(text)) insert(root, segmentsOf(name), value)
  return root
}

// No prototype: a key such as `__proto__` is only a key.
const emptyTree = (): FormTree => Object.create(null) as FormTree

function segmentsOf(name: string): string[] {
  const bracket = name.indexOf('[')
  if (bracket <= 0) return [name]
  return [name.slice(0, bracket), ...[...name.slice(bracket).matchAll(/\[([^\]]*)\]/g)].map((match) => match[1] ?? '')]
}

function insert(root: FormTree, segments: string[], value: string): void {
  let node = root
  segments.forEach((segment, index) => {
    const key = segment === '' ? String(Object.keys(node).length) : segment
    if (index === segments.length - 1) {
      node[key] = value
      return
    }
    const next = node[key]
    const child = typeof next === 'object' ? next : emptyTree()
    node[key] = child
    node = child
  })
}
