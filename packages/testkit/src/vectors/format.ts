/** The shared vector format (`holdfast-vectors/1`): see vectors/README.md. */
export interface VectorSuite {
  readonly schema: 'holdfast-vectors/1'
  readonly suite: string
  readonly source: string
  readonly cases: readonly VectorCase[]
}

export interface VectorCase {
  readonly id: string
  readonly op: string
  readonly in: Readonly<Record<string, unknown>>
  readonly out?: Readonly<Record<string, unknown>>
  /** A code, or `true`: any typed error. */
  readonly error?: string | true
  /** The expected output lists only some of the members, at every level. */
  readonly subset?: boolean
}
