import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { startServer } from '../src/index'
import { describeService } from './scenarios'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-http-'))
})
afterAll(() => rm(folder, { recursive: true }))

describeService('embedded database', (options) => startServer({ port: 0, dataDir: join(folder, 'data'), ...options }))
