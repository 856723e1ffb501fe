import { processIo } from './io'
import { main } from './main'

// A reader that goes away (`holdfast status | head -1`) is no fault of this process.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit()
})

const io = processIo()
process.exitCode = await main(process.argv.slice(2), io)
// What was interrupted may still wait for an answer; nothing is kept by letting it.
if (io.signal.aborted) process.exit()
