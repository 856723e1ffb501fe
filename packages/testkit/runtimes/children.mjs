/** Child processes that never outlive this one: each leads a process group, and every group is ended before we go. */
import { spawn } from 'node:child_process'

const running = new Set()

/** Output is kept in `child.output`, the last of it, for error messages. `fd3: true` gives `child.stdio[3]` to read. */
export function start(command, args, { cwd, env, fd3 = false } = {}) {
  const stdio = ['ignore', 'pipe', 'pipe', ...(fd3 ? ['pipe'] : [])]
  const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio, detached: true })
  running.add(child)
  child.output = ''
  const keep = (chunk) => {
    child.output = (child.output + chunk).slice(-4000)
  }
  child.stderr.on('data', keep)
  child.ended = new Promise((resolve) => {
    child.on('error', (error) => {
      keep(String(error))
      running.delete(child)
      resolve(1)
    })
    child.on('close', (code) => {
      running.delete(child)
      resolve(code ?? 1)
    })
  })
  return child
}

/** Ends the whole group and waits for it. */
export async function end(child) {
  kill(child, 'SIGTERM')
  const timer = setTimeout(() => kill(child, 'SIGKILL'), 3000)
  await child.ended
  clearTimeout(timer)
  kill(child, 'SIGKILL') // those of the group that the leader left behind
}

function kill(child, signal) {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, signal)
  } catch (error) {
    if (error.code !== 'ESRCH') throw error // gone already
  }
}

/** Runs to its end. @returns the exit code and what it printed. */
export async function runToEnd(command, args, options) {
  const child = start(command, args, options)
  let stdout = ''
  child.stdout.on('data', (chunk) => {
    stdout += chunk
  })
  const timer = setTimeout(() => kill(child, 'SIGKILL'), options?.timeoutMs ?? 300_000)
  const code = await child.ended
  clearTimeout(timer)
  return { code, stdout, stderr: child.output }
}

process.on('exit', () => {
  for (const child of running) kill(child, 'SIGKILL')
})
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(130))
