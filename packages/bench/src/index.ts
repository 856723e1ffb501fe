export { judge, type Verdict } from './gate'
export { GOALS, type Goal, type Shortfall } from './goals'
export { type Comparison, type Contender, type Contest, type Contract, compare, measure, median, type Pace, type Times } from './measure'
