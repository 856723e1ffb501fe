/** The files of `vectors/` as a product: of the published schema, each file named after its suite, each case found by its id. */
import { readdirSync, readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
import type { VectorSuite } from '../src/index'

const folder = new URL('../../../vectors/', import.meta.url)
const read = (name: string) => JSON.parse(readFileSync(new URL(name, folder), 'utf8'))
const names = readdirSync(folder).filter((name) => name.endsWith('.json') && !['schema.json', 'package.json'].includes(name))
const validate = new Ajv2020({ allErrors: true }).compile(read('schema.json'))

describe.each(names)('%s', (name) => {
  const file = read(name) as VectorSuite

  test('is of the published schema', () => {
    expect(validate(file) ? [] : validate.errors).toEqual([])
  })

  test('is named after its suite, and no two of its cases have one id', () => {
    expect(`${file.suite}.json`).toBe(name)
    expect(new Set(file.cases.map(({ id }) => id)).size).toBe(file.cases.length)
  })
})

describe('the schema', () => {
  const suiteOf = (change: object) => ({
    schema: 'holdfast-vectors/1',
    suite: 's',
    source: 'RFC 7693',
    cases: [{ id: 'one', op: 'hash.blake3', in: { message: '00' }, out: { digest: 'ff' }, ...change }],
  })

  test.each([
    ['a good case', {}, true],
    ['an error in place of out', { out: undefined, error: 'truncated' }, true],
    ['out and error', { error: 'truncated' }, false],
    ['neither', { out: undefined }, false],
    ['an unknown member', { expected: {} }, false],
    ['an operation without a dot', { op: 'blake3' }, false],
    ['an error that is no code', { out: undefined, error: 'Not A Code' }, false],
    ['an error of false', { out: undefined, error: false }, false],
    ['an empty id', { id: '' }, false],
  ])('judges %s', (_, change, good) => {
    expect(validate(JSON.parse(JSON.stringify(suiteOf(change))))).toBe(good)
  })
})
