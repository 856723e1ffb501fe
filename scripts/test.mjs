/**
 * `npm test [-- --kills N]`: every test there is, Rust and TypeScript, on both crypto backends, then one closing line over everything.
 * What cannot be run here is counted as skipped, and named with its remedy.
 */
import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { env, root, run, say, setup } from './setup.mjs'

const total = { passed: 0, failed: 0, skipped: 0 }
const count = (part) => {
  for (const key of Object.keys(total)) total[key] += part[key] ?? 0
}

/** Runs a command, shows its output, and returns it with the exit code. */
function capture(command, args) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'inherit'] })
    let output = ''
    child.stdout.on('data', (chunk) => {
      output += chunk
      process.stderr.write(chunk)
    })
    child.on('error', (error) => resolve({ code: error.code === 'ENOENT' ? 'missing' : 1, output }))
    child.on('close', (code) => resolve({ code: code ?? 1, output }))
  })
}

async function testTypeScript() {
  say('\n— TypeScript tests, both backends')
  const report = join(root, '.cache', 'vitest.json')
  mkdirSync(join(root, '.cache'), { recursive: true })
  rmSync(report, { force: true })
  const code = await run('vitest', ['run', '--reporter=dot', '--reporter=json', `--outputFile.json=${report}`], { stdout: 'stderr' })
  try {
    const result = JSON.parse(readFileSync(report, 'utf8'))
    count({ passed: result.numPassedTests, failed: result.numFailedTests, skipped: result.numPendingTests + result.numTodoTests })
    for (const file of result.testResults) {
      for (const test of file.assertionResults) if (test.status === 'pending') say(`skipped: ${test.fullName}`)
    }
    if (code !== 0 && result.numFailedTests === 0) count({ failed: 1 })
  } catch (error) {
    say(`the TypeScript tests wrote no report (${error.message}); exit code ${code}`)
    count({ failed: 1 })
  }
}

async function testRust() {
  say('\n— Rust tests')
  const { code, output } = await capture('cargo', ['test', '--workspace', '--locked', '--release', '--quiet'])
  if (code === 'missing') {
    say(
      'skipped: the Rust tests, because cargo is not on this machine\n  → install Rust (rustup.rs) to run them; the committed WASM core was built from these sources',
    )
    return count({ skipped: 1 })
  }
  for (const [, passed, failed, ignored] of output.matchAll(/test result: \w+\. (\d+) passed; (\d+) failed; (\d+) ignored/g)) {
    count({ passed: Number(passed), failed: Number(failed), skipped: Number(ignored) })
  }
  if (code !== 0 && !/test result: FAILED/.test(output)) count({ failed: 1 })
}

async function testCrashes() {
  const at = process.argv.indexOf('--kills')
  const kills = at < 0 ? '10' : process.argv[at + 1]
  say(`\n— ${kills} SIGKILLs at random moments of a sync`)
  const { code, output } = await capture(process.execPath, [join(root, 'scripts', 'crash-test.mjs'), kills])
  const line = /(\d+) passed, (\d+) failed, (\d+) skipped/.exec(output)
  if (!line) return count({ failed: 1 })
  count({ passed: Number(line[1]), failed: Number(line[2]), skipped: Number(line[3]) })
  if (code !== 0 && line[2] === '0') count({ failed: 1 })
}

await setup()
await testTypeScript()
await testRust()
await testCrashes()
console.log(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`)
process.exit(total.failed === 0 ? 0 : 1)
