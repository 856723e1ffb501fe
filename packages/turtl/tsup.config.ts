import { holdfastPackage } from '../../tsup.config'

export default holdfastPackage()
