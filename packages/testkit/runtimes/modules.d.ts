declare module 'holdfast:vectors' {
  const suites: readonly import('../src/index').VectorSuite[]
  export default suites
}

declare module '*/core.wasm' {
  const module: WebAssembly.Module
  export default module
}
