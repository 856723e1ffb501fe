/** A value of parsed JSON as text: text as it is, anything else as its JSON. `String` throws at `{ toString: 0 }`. */
export const textOf = (value: unknown): string => (typeof value === 'string' ? value : String(JSON.stringify(value)))
