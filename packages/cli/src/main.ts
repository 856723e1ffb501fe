import { HoldfastError } from '@holdfast/base'
import { Command, CommanderError, Option } from 'commander'
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
import type { Io } from './io'

const EXIT_HELP = `
Exit codes: 0 done · 1 internal · 2 usage or input · 3 recovery phrase needed or wrong · 4 stale · 5 network or service
            6 damaged or wrong key · 7 local disk or files`

/** Runs the command line. @returns the exit code; never throws. */
export async function main(argv: readonly string[], io: Io): Promise<number> {
  let code: number = EXIT.ok
  const act =
    <Arguments extends unknown[]>(run: (io: Io, ...given: Arguments) => Promise<number>) =>
    async (...given: unknown[]) => {
      code = await run(io, ...(given.slice(0, -1) as Arguments))
    }
  try {
    await buildProgram(io, act).parseAsync([...argv], { from: 'user' })
    return code
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage
    reportError(io, error, argv)
    return exitCodeOf(error)
  }
}

type Act = <Arguments extends unknown[]>(run: (io: Io, ...given: Arguments) => Promise<number>) => (...given: unknown[]) => Promise<void>

function buildProgram(io: Io, act: Act): Command {
  const program = new Command('holdfast')
    .description('End-to-end encrypted backups that survive: lost devices, lost answers, dishonest servers, two devices writing at once.')
    .addHelpText('after', EXIT_HELP)
    .exitOverride()
    .configureOutput({ writeOut: (text) => io.stdout(text), writeErr: (text) => io.stderr(text) })
  const command = (name: string, description: string) =>
    program
      .command(name)
      .description(description)
      .option('--json', 'one JSON object on standard output')
      .option('--debug', 'show stack traces')
  const device = (made: Command) =>
    made.option('--state <dir>', 'where this device keeps its keys and ledger (default: your state directory)')
  const phrase = (made: Command) =>
    made
      .option('--phrase-file <file>', 'read the recovery phrase from a file')
      .option('--phrase-stdin', 'read the recovery phrase from standard input')

  command('serve', 'run the backup service')
    .option('--port <port>', 'port; 0 picks a free one', '8787')
    .option('--host <host>', 'address to listen on', '127.0.0.1')
    .option('--data <dir>', 'where blobs and the embedded database lie (default: your data directory)')
    .option('--database-url <url>', 'PostgreSQL instead of the embedded database (or DATABASE_URL)')
    .action(act(serve))
  phrase(device(command('init <folder>', 'create a backup of a folder')))
    .requiredOption('--service <url>', 'address of the service')
    .option('--phrase-out <file>', 'write the new recovery phrase to a file of yours instead of showing it')
    .action(act(initCommand))
  phrase(device(command('sync [folder]', 'send what changed here; take what changed elsewhere'))).action(
    act((inner, folder: string | undefined, options: object) => syncCommand(inner, folder ?? '.', options)),
  )
  device(command('status [folder]', 'compare the folder, the ledger and the service')).action(
    act((inner, folder: string | undefined, options: object) => statusCommand(inner, folder ?? '.', options)),
  )
  phrase(device(command('restore <folder>', 'restore a backup into a new folder')))
    .requiredOption('--service <url>', 'address of the service')
    .action(act(restoreCommand))
  phrase(device(command('verify [folder]', 'open everything, write nothing, say what was found'))).action(
    act((inner, folder: string | undefined, options: object) => verifyCommand(inner, folder ?? '.', options)),
  )
  command('inspect <file>', 'say what a file is, without showing a secret').action(act(inspectCommand))
  device(command('doctor [folder]', 'check what a backup needs here')).action(
    act((inner, folder: string | undefined, options: object) => doctorCommand(inner, folder ?? '.', options)),
  )
  program
    .command('vectors')
    .description('shared test vectors')
    .command('run <files...>')
    .description('run vector files against an engine')
    .addOption(new Option('--backend <backend>', 'engine').choices(['auto', 'wasm', 'sodium']).default('auto'))
    .option('--json', 'one JSON object on standard output')
    .action(act(runVectorsCommand))
  return program
}

function reportError(io: Io, error: unknown, argv: readonly string[]): void {
  const known = error instanceof HoldfastError
  if (argv.includes('--json')) {
    const body = known ? error.toJSON() : { code: 'internal', message: error instanceof Error ? error.message : String(error) }
    io.stdout(`${JSON.stringify({ error: body })}\n`)
    return
  }
  io.stderr(`holdfast: ${error instanceof Error ? error.message : String(error)}\n`)
  if (argv.includes('--debug') && error instanceof Error) io.stderr(`${error.stack}\n`)
  else if (!known) io.stderr('  this is a mistake of ours: run again with --debug and report it\n')
}
