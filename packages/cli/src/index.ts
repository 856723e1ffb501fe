export type { Io } from './io'
export { main } from './main'
