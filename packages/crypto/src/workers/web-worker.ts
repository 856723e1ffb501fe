/** The script of a Web Worker. */
import type { ToWorker } from './border'
import { serve } from './serve'

const hear = serve((message, transfer) => self.postMessage(message, { transfer }))
self.addEventListener('message', ({ data }: MessageEvent<ToWorker>) => hear(data))
