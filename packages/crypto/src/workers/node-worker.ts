/** The script of a `worker_threads` worker. */
import { parentPort } from 'node:worker_threads'
import { serve } from './serve'

if (!parentPort) throw new Error('this is the script of a worker: startPool runs it, nobody imports it')
const port = parentPort
port.on(
  'message',
  serve((message, transfer) => port.postMessage(message, transfer)),
)
