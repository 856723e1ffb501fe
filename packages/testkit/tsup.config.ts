import { holdfastPackage } from '../../tsup.config'

export default holdfastPackage(['src/index.ts', 'src/turtl-server/index.ts'])
