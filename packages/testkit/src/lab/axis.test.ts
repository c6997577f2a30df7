import { describe, expect, it } from 'vitest'
import { axisOf } from './axis.ts'

describe('an axis', () => {
  it('has round numbers written at it', () => {
    expect(axisOf([0.02, 8.42]).ticks).toEqual([2, 4, 6, 8])
    expect(axisOf([0, 0.3]).ticks).toEqual([0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3])
    expect(axisOf([-30, 1000]).ticks).toEqual([0, 200, 400, 600, 800, 1000])
  })

  it('puts every number in its place', () => {
    const { at } = axisOf([10, 30, 20])
    expect([at(10), at(15), at(30)]).toEqual([0, 0.25, 1])
  })

  it('may be logarithmic', () => {
    const { ticks, at } = axisOf([0.8, 40], { isLog: true })
    expect(ticks).toEqual([1, 2, 5, 10, 20])
    expect(axisOf([1, 1e6], { isLog: true }).ticks).toEqual([1, 10, 100, 1000, 10_000, 100_000, 1_000_000])
    expect(at(40)).toBe(1)
    expect(axisOf([1, 100], { isLog: true }).at(10)).toBeCloseTo(0.5)
    expect(axisOf([0, 10], { isLog: true }).at(0)).toBe(0)
  })

  it('has some length, whatever stands at it', () => {
    expect(axisOf([5, 5]).at(5)).toBe(0.5)
    expect(axisOf([5]).ticks.length).toBeGreaterThan(1)
  })
})
