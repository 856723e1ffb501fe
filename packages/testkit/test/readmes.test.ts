/**
 * Every package's README has an example, and every example runs. A `ts` block is a module of its own: it imports what it
 * uses by package name, and ends by itself. The plugin in vitest.config.ts loads it from the README, so that what is read
 * is what is run.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'

const packages = new URL('../../', import.meta.url)

function blocks(readme: string): readonly string[] {
  return [...readme.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code]) => code ?? '')
}

const names = readdirSync(packages).filter((name) => existsSync(new URL(`${name}/package.json`, packages)))

describe.each(names)('the README of %s', (name) => {
  const url = new URL(`${name}/README.md`, packages)
  const readme = existsSync(url) ? readFileSync(url, 'utf8') : ''
  const examples = blocks(readme)

  test('has an example', () => {
    expect(examples.length).toBeGreaterThan(0)
  })

  test.each(examples.map((_, index) => index))('example %i runs', async (index) => {
    await import(/* @vite-ignore */ `${url.pathname}.${index}.ts`)
  })
})
