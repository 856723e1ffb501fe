import { holdfastPackage } from '../../tsup.config'

export default holdfastPackage(['src/index.ts', 'src/markdown/index.ts', 'src/node/index.ts', 'src/sample/index.ts'])
