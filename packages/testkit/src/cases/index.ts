import type { LabCase } from '../lab/case.ts'
import { a1 } from './a1.ts'
import { a2 } from './a2.ts'
import { a4 } from './a4.ts'
import { a5 } from './a5.ts'
import { a7 } from './a7.ts'
import { a8 } from './a8.ts'
import { a9 } from './a9.ts'
import { a10 } from './a10.ts'
import { a11 } from './a11.ts'
import { a12 } from './a12.ts'
import { a13 } from './a13.ts'
import { b1 } from './b1.ts'
import { b4 } from './b4.ts'
import { b5, b7 } from './b5.ts'
import { b12, b13 } from './b12.ts'
import { c2 } from './c2.ts'
import { c4 } from './c4.ts'
import { c5 } from './c5.ts'
import { c7 } from './c7.ts'
import { c12 } from './c12.ts'
import { c14 } from './c14.ts'
import { c15 } from './c15.ts'
import { d1 } from './d1.ts'
import { d2 } from './d2.ts'
import { d3 } from './d3.ts'
import { d5 } from './d5.ts'
import { d10 } from './d10.ts'
import { d13 } from './d13.ts'
import { d15 } from './d15.ts'
import { d17 } from './d17.ts'
import { h1 } from './h1.ts'
import { s1 } from './s1.ts'

/** All cases: A the network and peers, B keys and access, C loads and removals, D membership and memory, H headlines, S simulation. */
export const cases: readonly LabCase[] = [
  ...[a1, a2, a4, a5, a7, a8, a9, a10, a11, a12, a13],
  ...[b1, b4, b5, b7, b12, b13],
  ...[c2, c4, c5, c7, c12, c14, c15],
  ...[d1, d2, d3, d5, d10, d13, d15, d17],
  ...[h1, s1],
]
