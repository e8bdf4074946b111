import KernelTables

/// Coordinate descent over tiles of rows, which lie as k lines of a few vectors while they are in the
/// first-level cache.
extension Kernels {
  static func descend<S: VectorScalar>(
    _ descent: Descent<S>, _ rows: UnsafeMutablePointer<S>, _ targets: UnsafePointer<S>,
    _ stride: Int, _ count: Int, _ room: UnsafeMutablePointer<S>,
    _ sums: UnsafeMutablePointer<Double>
  ) {
    let (k, width) = (descent.parts, S.Vector.scalarCount)
    let tile = Descent<S>.tileVectors * width
    let (f, b) = (room, room + k * tile)
    let line = b + k * tile
    let moved = line + tile
    let (changes, squares) = (moved + width, moved + (k + 1) * width)
    changes.update(repeating: 0, count: 2 * k * width)
    // Lanes without a row start where they stay.
    let idle = descent.lowest > 0 ? descent.lowest : 0
    var first = 0
    while first < count {
      let here = min(tile, count - first)
      transpose(UnsafePointer(rows + first * k), here, k, stride: k, into: f, stride: tile)
      transpose(targets + first * stride, here, k, stride: stride, into: b, stride: tile)
      if descent.l1 != 0 { for i in 0..<k * tile { b[i] -= descent.l1 } }
      if here < tile {
        for r in 0..<k {
          (f + r * tile + here).update(repeating: idle, count: tile - here)
          (b + r * tile + here).update(repeating: 0, count: tile - here)
        }
      }
      descendTile(descent, f, UnsafePointer(b), line, moved, changes)
      for r in 0..<k {
        var square = load(UnsafePointer(squares), r * width)
        var i = 0
        while i < here {
          let part = loadPart(UnsafePointer(f), r * tile + i, min(width, here - i))
          square.addProduct(part, part)
          i += width
        }
        store(square, squares, r * width)
      }
      transpose(UnsafePointer(f), k, here, stride: tile, into: rows + first * k, stride: k)
      first += tile
    }
    for r in 0..<k {
      sums[r] += sum(changes + r * width, width)
      sums[k + r] += sum(squares + r * width, width)
    }
  }

  /// All sweeps of one tile; adds how far every component went in the first one to `changes`.
  @inline(__always)
  private static func descendTile<S: VectorScalar>(
    _ descent: Descent<S>, _ f: UnsafeMutablePointer<S>, _ b: UnsafePointer<S>,
    _ line: UnsafeMutablePointer<S>, _ moved: UnsafeMutablePointer<S>,
    _ changes: UnsafeMutablePointer<S>
  ) {
    let (k, width) = (descent.parts, S.Vector.scalarCount)
    let tile = Descent<S>.tileVectors * width
    let floor = S.Vector(repeating: descent.lowest)
    let ceiling = S.Vector(repeating: descent.highest)
    var first = 0.0
    for sweep in 0..<max(descent.sweeps, 1) {
      var all = S.Vector()
      for r in 0..<k {
        if descent.inverses[r] == 0 { continue }
        let inverse = S.Vector(repeating: descent.inverses[r])
        let place = r * tile
        couple(UnsafePointer(f), b + place, descent.couplings + r * k, k, line)
        var change = S.Vector()
        for vector in 0..<Descent<S>.tileVectors {
          let i = vector * width
          let new = S.smaller(S.larger(load(UnsafePointer(line), i) * inverse, floor), ceiling)
          let distance = new - load(UnsafePointer(f), place + i)
          store(new, f, place + i)
          change.addProduct(distance, distance)
        }
        all += change
        if sweep == 0 {
          store(load(UnsafePointer(changes), r * width) + change, changes, r * width)
        }
      }
      store(all, moved, 0)
      let distance = sum(moved, width)
      if sweep == 0 { first = distance }
      if distance <= descent.decay * descent.decay * first { return }
    }
  }

  /// `line ← b + Σ_s c_s f_s` for the k lines of a tile. On its own, because inlined into the sweep
  /// the compiler tears the vectors apart.
  @inline(never)
  private static func couple<S: VectorScalar>(
    _ f: UnsafePointer<S>, _ b: UnsafePointer<S>, _ couplings: UnsafePointer<S>, _ k: Int,
    _ line: UnsafeMutablePointer<S>
  ) {
    let width = S.Vector.scalarCount
    var (a0, a1) = (load(b, 0), load(b, width))
    var (a2, a3) = (load(b, 2 * width), load(b, 3 * width))
    var other = f
    for s in 0..<k {
      let coupling = S.Vector(repeating: couplings[s])
      a0.addProduct(coupling, load(other, 0))
      a1.addProduct(coupling, load(other, width))
      a2.addProduct(coupling, load(other, 2 * width))
      a3.addProduct(coupling, load(other, 3 * width))
      other += 4 * width
    }
    store(a0, line, 0)
    store(a1, line, width)
    store(a2, line, 2 * width)
    store(a3, line, 3 * width)
  }

  @inline(never)
  private static func sum<S: VectorScalar>(_ line: UnsafeMutablePointer<S>, _ count: Int) -> Double
  {
    var sum = 0.0
    for i in 0..<count { sum += Double(line[i]) }
    return sum
  }
}
