/** A `console` session of a document, run command by command: what is printed must be what stands there, `…` for anything. */
import { spawn } from 'node:child_process'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'

export const ROOT = fileURLToPath(new URL('../../..', import.meta.url))

export interface Walk {
  /** Folder the commands run in. */
  readonly at: string
  readonly env: Readonly<Record<string, string>>
  /** Addresses that stand in the document, and those that are meant. */
  readonly addresses: readonly (readonly [written: string, meant: string])[]
}

/** The blocks of one language, in their order. */
export const blocksOf = (document: string, language: string) =>
  [...document.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(([, text = '']) => text)

/** @returns how many commands were run. */
export async function walk(session: string, { at, env, addresses }: Walk): Promise<number> {
  const meant = (text: string) => addresses.reduce((said, [written, real]) => said.replaceAll(written, real), text)
  const steps = session.split(/^\$ /m).filter(Boolean)
  for (const step of steps) {
    const end = step.indexOf('\n')
    const command = meant(step.slice(0, end)).replaceAll('npx holdfast', 'holdfast')
    const output = meant(step.slice(end + 1))
    const printed = await shell(command, at, env)
    expect(printed, command).toMatch(new RegExp(`^${output.split('…').map(escapeRegExp).join('.+')}$`))
  }
  return steps.length
}

function shell(command: string, cwd: string, env: Readonly<Record<string, string>>): Promise<string> {
  return new Promise((resolve, reject) => {
    const PATH = `${join(ROOT, 'node_modules', '.bin')}${delimiter}${process.env.PATH}`
    const child = spawn('sh', ['-c', command], { cwd, env: { ...process.env, ...env, PATH }, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => {
        output += chunk
      })
    child.on('error', reject)
    child.on('close', () => resolve(output))
  })
}

const escapeRegExp = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
