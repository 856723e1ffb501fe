import { HoldfastError } from '@holdfast/base'
import { backendInfo, init } from '@holdfast/crypto'
import { type DeviceOptions, type OpenedDevice, openDevice } from '../device-folder'
import { EXIT } from '../exit-code'
import type { Io } from '../io'

interface Check {
  readonly name: string
  readonly ok: boolean
  readonly detail: string
}

export async function doctorCommand(io: Io, folder: string, options: DeviceOptions & { readonly json?: boolean }): Promise<number> {
  const checks: Check[] = []
  const check = async (name: string, run: () => Promise<string>) => {
    try {
      checks.push({ name, ok: true, detail: await run() })
    } catch (error) {
      checks.push({ name, ok: false, detail: error instanceof Error ? error.message : String(error) })
    }
  }
  await check('node', async () => {
    if (Number(process.versions.node.split('.')[0]) < 20)
      throw new HoldfastError('node_too_old', `Node ${process.versions.node} is too old; install Node 20 or newer`)
    return process.versions.node
  })
  for (const backend of ['wasm', 'sodium'] as const) {
    await check(`engine ${backend}`, async () => {
      await init({ backend })
      const { selfTest, simd, stamp } = backendInfo()
      return `${selfTest.checks} known answers${backend === 'wasm' ? `, simd ${simd ? 'yes' : 'no'}, build ${stamp?.sha256.slice(0, 12)}` : ''}`
    })
  }
  await check('clock', async () => {
    if (Date.now() < Date.UTC(2025, 0)) throw new HoldfastError('clock_wrong', `the clock says ${new Date().toISOString()}; set it`)
    return new Date().toISOString()
  })
  let device: OpenedDevice | undefined
  await check('state', async () => {
    device = await openDevice(io, folder, options, undefined)
    return device.stateDir
  })
  await check('service', async () => {
    if (!device) throw new HoldfastError('no_backup_here', 'not asked: its address is in the state')
    await device.options.service.ready()
    return device.serviceUrl
  })
  if (options.json) io.stdout(`${JSON.stringify({ ok: checks.every(({ ok }) => ok), checks })}\n`)
  else for (const { name, ok, detail } of checks) io.stdout(`${ok ? 'ok     ' : 'PROBLEM'} ${name.padEnd(13)} ${detail}\n`)
  return checks.every(({ ok }) => ok) ? EXIT.ok : EXIT.usage
}
