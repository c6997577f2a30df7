// Real processes.

// What is done to them.
export { attack, type FakePeer, type Reply, startFakePeer } from './attacker.ts'
export { Cluster, type ClusterOptions, type SharedSettings } from './cluster.ts'
export type { Control, Health, Outcome, PeerSettings, Sample, Traffic } from './control.ts'
// What must hold of them.
export { violations } from './invariants.ts'
export { type Netns, openNetns } from './netns.ts'
export { type Load, Origin, type OriginOptions, readValue, valueMadeBy } from './origin.ts'
export { PeerProcess, type StartOptions } from './peer-process.ts'
export { FaultProxy, type FaultProxyOptions, type ToxicOptions } from './proxy/fault-proxy.ts'
export { type Random, seededRandom } from './proxy/random.ts'
export { ManualTime, realTime, type Scheduler } from './proxy/scheduler.ts'
export type { Affliction, Link, Toxic } from './proxy/toxic.ts'
export {
  bandwidth,
  corrupt,
  duplicate,
  latency,
  limitData,
  resetPeer,
  slicer,
  slowClose,
  timeout,
} from './proxy/toxics/index.ts'
