import { readFileSync } from 'node:fs'
import { HoldfastError } from '@holdfast/base'
import { Command, CommanderError, Option } from 'commander'
import { clarify } from './clarify'
import { doctorCommand } from './commands/doctor'
import { initCommand } from './commands/init'
import { inspectCommand } from './commands/inspect'
import { restoreCommand } from './commands/restore'
import { serve } from './commands/serve'
import { statusCommand } from './commands/status'
import { syncCommand } from './commands/sync'
import { runVectorsCommand } from './commands/vectors'
import { verifyCommand } from './commands/verify'
import { EXIT, exitCodeOf } from './exit-code'
import { type Io, interrupted } from './io'
import { EXPORT_FORMATS } from './turtl/export-formats'

const EXIT_HELP = `
Exit codes:
  0    done
  1    a mistake in Holdfast itself
  2    usage, or input to mend
  3    recovery phrase or password needed, or not the right one
  4    stale: another device was first
  5    network or service
  6    damaged data, or a wrong key; something was left out
  7    local disk or files
  130  interrupted`

const ADVICE = 'run `holdfast --help` to see what there is'

/** Runs the command line. @returns the exit code; never throws. */
export async function main(argv: readonly string[], io: Io): Promise<number> {
  const json = argv.includes('--json')
  const written: string[] = []
  const output = json ? { ...io, stdout: (text: string) => void written.push(text), stderr: () => {} } : io
  let code: number = EXIT.ok
  const act =
    <Arguments extends unknown[]>(run: (io: Io, ...given: Arguments) => Promise<number>) =>
    async (...given: unknown[]) => {
      code = await run(io, ...(given.slice(0, -1) as Arguments))
    }
  try {
    await buildProgram(output, act).parseAsync([...argv], { from: 'user' })
    return code
  } catch (error) {
    if (!(error instanceof CommanderError)) {
      reportError(io, clarify(error), json, argv.includes('--debug'))
      return exitCodeOf(error)
    }
    if (json) io.stdout(`${JSON.stringify(error.exitCode === 0 ? { text: written.join('') } : { error: usageError(error) })}\n`)
    return error.exitCode === 0 ? EXIT.ok : EXIT.usage
  }
}

/** What brings a database or a server along is loaded when it is wanted. */
const lazily =
  <Arguments extends unknown[]>(load: () => Promise<(io: Io, ...given: Arguments) => Promise<number>>) =>
  async (io: Io, ...given: Arguments) =>
    (await load())(io, ...given)

type Act = <Arguments extends unknown[]>(run: (io: Io, ...given: Arguments) => Promise<number>) => (...given: unknown[]) => Promise<void>

function buildProgram(io: Io, act: Act): Command {
  const program = new Command('holdfast')
    .description('End-to-end encrypted backups that survive: lost devices, lost answers, dishonest servers, two devices writing at once.')
    .version(version())
    .addHelpText('after', EXIT_HELP)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.stdout(text),
      writeErr: (text) => io.stderr(text),
      getOutHelpWidth: () => io.columns,
      getErrHelpWidth: () => io.columns,
      outputError: (text, write) => write(`holdfast: ${plain(text)}; ${ADVICE}\n`),
    })
  const asking = (made: Command) => made.option('--json', 'one JSON object on standard output').option('--debug', 'show stack traces')
  const command = (name: string, description: string) => asking(program.command(name).description(description))
  /** Ctrl-C ends these at once: every step of theirs is before or after, never between. */
  const stoppable = <Arguments extends unknown[]>(run: (io: Io, ...given: Arguments) => Promise<number>) =>
    act((inner, ...given: Arguments) => orInterrupted(inner, run(inner, ...given)))
  const device = (made: Command) =>
    made.option('--state <dir>', 'where this device keeps its keys and ledger (default: your state directory)')
  const phrase = (made: Command) =>
    made
      .option('--phrase-file <file>', 'read the recovery phrase from a file')
      .option('--phrase-stdin', 'read the recovery phrase from standard input')

  command('serve', 'run the backup service; DATABASE_URL chooses PostgreSQL instead of the embedded database')
    .option('--port <port>', 'port; 0 picks a free one', '8787')
    .option('--host <host>', 'address to listen on', '127.0.0.1')
    .option('--data <dir>', 'where blobs and the embedded database lie (default: your data directory)')
    .action(act(serve))
  phrase(device(command('init <folder>', 'create a backup of a folder')))
    .requiredOption('--service <url>', 'address of the service')
    .option('--phrase-out <file>', 'write the new recovery phrase to a file of yours instead of showing it')
    .action(stoppable(initCommand))
  phrase(device(command('sync [folder]', 'send what changed here; take what changed elsewhere')))
    .option('--allow-empty', 'let an emptied folder empty the backup')
    .action(stoppable((inner, folder: string | undefined, options: object) => syncCommand(inner, folder ?? '.', options)))
  device(command('status [folder]', 'compare the folder, the ledger and the service')).action(
    stoppable((inner, folder: string | undefined, options: object) => statusCommand(inner, folder ?? '.', options)),
  )
  phrase(device(command('restore <folder>', 'restore a backup into a new folder')))
    .requiredOption('--service <url>', 'address of the service')
    .action(stoppable(restoreCommand))
  phrase(device(command('verify [folder]', 'open everything, write nothing, say what was found')))
    .option('--local', 'only compare the folder with what this device last synced')
    .action(stoppable((inner, folder: string | undefined, options: object) => verifyCommand(inner, folder ?? '.', options)))
  command('inspect <file>', 'say what a file is, without showing a secret').action(stoppable(inspectCommand))
  device(command('doctor [folder]', 'check what a backup needs here')).action(
    stoppable((inner, folder: string | undefined, options: object) => doctorCommand(inner, folder ?? '.', options)),
  )
  const turtl = program
    .command('turtl')
    .description("open a Turtl account, and get what is in it out: from a server, Turtl's local data, or a file")
  const turtlCommand = (name: string, description: string) => asking(turtl.command(name).description(description))
  const password = (made: Command) =>
    made
      .option('--email <e-mail>', 'of the account; for local data the one that stands with it, when left out')
      .option('--password-file <file>', 'read the password from a file')
      .option('--password-stdin', 'read the password from standard input')
  const credentials = (made: Command) => password(made).option('--login <file>', 'log in with a file of `turtl login --save`')
  const source = (made: Command) =>
    credentials(made)
      .option('--server <url>', 'take the account from a live Turtl server')
      .option('--database <path>', "take it from Turtl's local database: the file, or the data folder it lies in")
      .option('--dump <file>', "take it from a JSON file: of GET /sync/full, of an account's objects, or Turtl's own export")
      .option('--files <dir>', 'where sealed attachments lie (default: `files` beside the database or dump)')
  phrase(device(source(turtlCommand('export <folder>', 'write an account into a new folder; what cannot be opened is listed'))))
    .addOption(new Option('--format <format>', 'what to write').choices(EXPORT_FORMATS).default('markdown'))
    .option('--service <url>', 'for --format backup: address of the backup service')
    .option('--phrase-out <file>', 'for --format backup: write the new recovery phrase to a file')
    .action(act(lazily(async () => (await import('./commands/turtl-export')).turtlExportCommand)))
  source(turtlCommand('show', 'list spaces, boards and notes, or show one note'))
    .option('--note <id>', 'the note: its id, or the two ends of it as the list shows them')
    .option('--reveal', "show the note's password too")
    .action(stoppable(lazily(async () => (await import('./commands/turtl-show')).turtlShowCommand)))
  credentials(turtlCommand('import <file>', "send Turtl's own export to an account at a server; again: what has not arrived yet"))
    .requiredOption('--server <url>', 'address of the Turtl server')
    .addOption(
      new Option('--mode <mode>', 'what is missing; what is there too; everything, after deleting your own spaces')
        .choices(['restore', 'replace', 'full'])
        .default('restore'),
    )
    .option('--delete-first', 'for --mode full: delete every space of yours at the server')
    .action(act(lazily(async () => (await import('./commands/turtl-import')).turtlImportCommand)))
  password(turtlCommand('login', 'check an e-mail and a password with a server, once: failures are counted there'))
    .requiredOption('--server <url>', 'address of the Turtl server')
    .option('--save <file>', 'keep the login in a file of yours, which is as good as the password')
    .option('--join', 'make the account first')
    .action(stoppable(lazily(async () => (await import('./commands/turtl-login')).turtlLoginCommand)))
  turtlCommand('serve', 'run a Turtl server for development: with the mistakes of the original')
    .option('--port <port>', 'port; 0 picks a free one', '8181')
    .option('--host <host>', 'address to listen on', '127.0.0.1')
    .option('--data <dir>', 'where its database lies (default: in memory)')
    .action(act(lazily(async () => (await import('./commands/turtl-serve')).turtlServeCommand)))
  asking(
    program
      .command('vectors')
      .description('shared test vectors')
      .command('run <files...>')
      .description('run vector files against an engine')
      .addOption(new Option('--backend <backend>', 'engine').choices(['auto', 'wasm', 'sodium']).default('auto')),
  ).action(stoppable(runVectorsCommand))
  return program
}

function orInterrupted<T>(io: Io, running: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    running.then(resolve, reject)
    if (io.signal.aborted) reject(interrupted())
    io.signal.addEventListener('abort', () => reject(interrupted()), { once: true })
  })
}

/** Beside `src` and beside `dist` alike. */
function version(): string {
  return (JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }).version
}

/** Commander's `error: …\n(Did you mean …?)` as one sentence. */
const plain = (text: string) =>
  text
    .replace(/^error: /, '')
    .trim()
    .replaceAll('\n', ' ')

function usageError({ message }: CommanderError) {
  return { name: 'HoldfastError', code: 'usage', message: `${plain(message)}; ${ADVICE}`, retry: { safe: false }, remedy: 'fix-call' }
}

function reportError(io: Io, error: unknown, json: boolean, debug: boolean): void {
  const known = error instanceof HoldfastError
  const message = error instanceof Error ? error.message : String(error)
  if (json) io.stdout(`${JSON.stringify({ error: known ? error.toJSON() : { name: 'Error', code: 'internal', message } })}\n`)
  else io.stderr(`holdfast: ${message}\n`)
  if (debug && error instanceof Error) io.stderr(`${error.stack}\n`)
  else if (!known && !json) io.stderr('  this is a mistake of ours: run again with --debug and report it\n')
}
