/** Files cross one at a time: what is held twice is one file, and between two of them progress is told. */
import { type Bytes, decodeUtf8, encodeUtf8, type Random } from '@holdfast/base'
import { checkBytes, checkFiles, checkLength } from '../checks'
import type { Container, ContainerContents, FileRecord, Progress } from '../engine'
import { withEphemerals } from '../ephemeral'
import { type Core, SLOT } from './core'
import { checkKeyPair, keyPairAt } from './sealed-box'

const OVERHEAD = 48
const PARTS = { designator: 0, path: 1, content: 2 } as const

export function createContainer(core: Core, random: Random): Container {
  /** Runs over inputs laid one after another in the area, which is wiped afterwards. */
  function over(what: string, inputs: readonly Uint8Array[], run: (...at: number[]) => number): void {
    const length = inputs.reduce((sum, input) => sum + input.length, 0)
    const area = core.reserve(length, ...inputs)
    let end = area
    const places = inputs.map((input) => {
      core.put(end, input)
      end += input.length
      return end - input.length
    })
    const code = core.guard(() => run(...places))
    core.settle(0, what)
    core.wipe(area, length)
    core.settle(code, what)
  }

  function overFile(file: FileRecord, run: Core['call']['packer_file']): void {
    const [name, path] = [encodeUtf8(file.designator), encodeUtf8(file.path)]
    over('a file path', [file.content, name, path], (content, nameAt, pathAt) =>
      run(nameAt as number, name.length, pathAt as number, path.length, content as number, file.content.length),
    )
  }

  /** The file that the core holds, which is then forgotten. */
  function takeFile(): { designator: string; path: string; content: Bytes } {
    const part = (number: number) => core.take(core.call.file_part(number), core.call.file_part_length(number))
    return { designator: decodeUtf8(part(PARTS.designator)), path: decodeUtf8(part(PARTS.path)), content: part(PARTS.content) }
  }

  /** Whatever happens in between, what the core holds is forgotten. */
  function holding<Result>(run: () => Result): Result {
    try {
      return run()
    } finally {
      core.guard(() => core.call.container_forget())
    }
  }

  function pack(
    rootKeyJson: string,
    files: readonly FileRecord[],
    mtime: number,
    onProgress: Progress | undefined,
    reserve: number,
    finish: () => number,
  ): Bytes {
    checkFiles(files)
    return holding(() => {
      const json = encodeUtf8(rootKeyJson)
      over('the root key', [json], (at) => core.call.packer_start(at as number, json.length, mtime, reserve))
      json.fill(0)
      const total = files.reduce((sum, file) => sum + file.content.length, 0)
      let done = 0
      for (const file of files) {
        overFile(file, core.call.packer_file)
        done += file.content.length
        onProgress?.(done, total)
      }
      const code = core.guard(finish)
      core.settle(code, 'the public key')
      return core.takeResult()
    })
  }

  function takeContents(onProgress: Progress | undefined): ContainerContents {
    const json = core.takeResult()
    const rootKeyJson = decodeUtf8(json)
    json.fill(0)
    const total = core.call.bytes_left()
    const files: ContainerContents['files'][number][] = []
    let done = 0
    while (core.guard(() => core.call.next_file()) !== 0) {
      const file = takeFile()
      files.push(file)
      done += file.content.length
      onProgress?.(done, total)
    }
    return { rootKeyJson, files }
  }

  return {
    encodeRecord(file) {
      checkFiles([file])
      overFile(file, core.call.record_encode)
      return core.takeResult()
    },
    decodeRecord(cbor) {
      checkBytes('file record', cbor)
      return holding(() => {
        over('a file record', [cbor], (at) => core.call.record_decode(at as number, cbor.length))
        return takeFile()
      })
    },
    pack: (rootKeyJson, files, mtime, onProgress) => pack(rootKeyJson, files, mtime, onProgress, 0, () => core.call.packer_finish()),
    unpack(container, maxBytes, onProgress) {
      checkBytes('container', container)
      return holding(() => {
        over('the container', [container], (at) => core.call.container_unpack(at as number, container.length, maxBytes))
        return takeContents(onProgress)
      })
    },
    packSealed(publicKey, rootKeyJson, files, mtime, onProgress) {
      checkLength('public key', publicKey, 32)
      return withEphemerals(random, 1, (ephemeralSecret) =>
        pack(rootKeyJson, files, mtime, onProgress, OVERHEAD, () => {
          core.put(core.slots + SLOT.key, publicKey)
          core.put(core.slots + SLOT.ephemeral, ephemeralSecret)
          return core.call.packer_finish_sealed(core.slots + SLOT.key, core.slots + SLOT.ephemeral)
        }),
      )
    },
    unpackSealed(keyPair, sealed, maxBytes, onProgress) {
      checkKeyPair(core, keyPair)
      checkBytes('sealed box', sealed)
      return holding(() => {
        over('the sealed box', [sealed], (at) => {
          const keys = keyPairAt(core, keyPair)
          return core.call.container_unpack_sealed(keys, keys + 32, at as number, sealed.length, maxBytes)
        })
        return takeContents(onProgress)
      })
    },
  }
}
