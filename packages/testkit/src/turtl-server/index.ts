export { makeTurtlServer, type TurtlServer, type TurtlServerOptions } from './make-turtl-server'
