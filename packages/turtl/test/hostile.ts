/** Parsed JSON with anything anywhere, for whatever reads what a server, a file or a clipboard holds. */
import fc from 'fast-check'

export type Json = fc.JsonValue

/** What `String`, a comparison and a template all throw at: it stood as an id, and ended the opening of an account. */
export const NO_PRIMITIVE: Json = { toString: 0, valueOf: 0 }
export const anyJson = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom<Json>('', 'AAYBAAw=', -1, 1e300, '\ud800', [], {}, null, NO_PRIMITIVE),
)

/** What chooses the place: each number of it one of the members on the way. */
export const draws = fc.infiniteStream(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }))

/** `root` with the value at one place replaced. */
export function replaceSomewhere(root: Json, numbers: Iterator<number>, replacement: Json): Json {
  if (typeof root !== 'object' || root === null) return replacement
  const names = Object.keys(root)
  const chosen = names[Math.floor((numbers.next().value as number) * (names.length + 1))]
  if (chosen === undefined) return replacement
  const changed = replaceSomewhere((root as Record<string, Json>)[chosen] as Json, numbers, replacement)
  if (Array.isArray(root)) return root.with(Number(chosen), changed)
  return { ...root, [chosen]: changed }
}

/** `root` with the value replaced at each place of it in turn, itself included. */
export function* replaceEverywhere(root: Json, replacement: Json): Generator<Json> {
  yield replacement
  if (typeof root !== 'object' || root === null) return
  for (const [name, member] of Object.entries(root))
    for (const changed of replaceEverywhere(member as Json, replacement))
      yield Array.isArray(root) ? root.with(Number(name), changed) : { ...root, [name]: changed }
}
