import KernelTables

/// Moments of recurrent layers: the gates of some rows, a pass over all of them.
extension Kernels {
  static func lstm<S: VectorScalar>(
    _ gates: Plane<S>, _ before: Plane<S>, _ cell: Plane<S>, _ squashed: Plane<S>,
    _ hidden: Plane<S>, rows: Int, units: Int
  ) {
    for row in 0..<rows {
      let z = gates.row(row)
      let (b, c) = (UnsafePointer(before.row(row)), cell.row(row))
      let (s, h) = (squashed.row(row), hidden.row(row))
      var i = 0
      while i < units {
        let lanes = min(S.Vector.scalarCount, units - i)
        let take = S.sigmoid(loadPart(UnsafePointer(z), i, lanes))
        let keep = S.sigmoid(loadPart(UnsafePointer(z), units + i, lanes))
        let new = S.tanh(loadPart(UnsafePointer(z), 2 * units + i, lanes))
        let show = S.sigmoid(loadPart(UnsafePointer(z), 3 * units + i, lanes))
        let state = (keep * loadPart(b, i, lanes)).addingProduct(take, new)
        let small = S.tanh(state)
        storePart(take, z, i, lanes)
        storePart(keep, z, units + i, lanes)
        storePart(new, z, 2 * units + i, lanes)
        storePart(show, z, 3 * units + i, lanes)
        storePart(state, c, i, lanes)
        storePart(small, s, i, lanes)
        storePart(show * small, h, i, lanes)
        i += lanes
      }
    }
  }

  static func lstmGradient<S: VectorScalar>(
    _ gates: Plane<S>, _ before: Plane<S>, _ squashed: Plane<S>, _ dHidden: Plane<S>,
    _ dCell: Plane<S>, rows: Int, units: Int
  ) {
    for row in 0..<rows {
      let z = gates.row(row)
      let (b, s) = (
        UnsafePointer(before.row(row)), UnsafePointer(squashed.row(row))
      )
      let (dh, dc) = (UnsafePointer(dHidden.row(row)), dCell.row(row))
      var i = 0
      while i < units {
        let lanes = min(S.Vector.scalarCount, units - i)
        let take = loadPart(UnsafePointer(z), i, lanes)
        let keep = loadPart(UnsafePointer(z), units + i, lanes)
        let new = loadPart(UnsafePointer(z), 2 * units + i, lanes)
        let show = loadPart(UnsafePointer(z), 3 * units + i, lanes)
        let small = loadPart(s, i, lanes)
        let slope = loadPart(dh, i, lanes)
        let state = loadPart(UnsafePointer(dc), i, lanes)
          .addingProduct(slope * show, 1 - small * small)
        storePart(state * new * (take * (1 - take)), z, i, lanes)
        storePart(state * loadPart(b, i, lanes) * (keep * (1 - keep)), z, units + i, lanes)
        storePart(state * take * (1 - new * new), z, 2 * units + i, lanes)
        storePart(slope * small * (show * (1 - show)), z, 3 * units + i, lanes)
        storePart(state * keep, dc, i, lanes)
        i += lanes
      }
    }
  }

  static func gru<S: VectorScalar>(
    _ gates: Plane<S>, _ sums: Plane<S>, _ inner: Plane<S>, _ before: Plane<S>, _ hidden: Plane<S>,
    rows: Int, units: Int
  ) {
    for row in 0..<rows {
      let z = gates.row(row)
      let (p, q) = (UnsafePointer(sums.row(row)), inner.row(row))
      let (b, h) = (UnsafePointer(before.row(row)), hidden.row(row))
      var i = 0
      while i < units {
        let lanes = min(S.Vector.scalarCount, units - i)
        let reset = S.sigmoid(loadPart(UnsafePointer(z), i, lanes) + loadPart(p, i, lanes))
        let keep = S.sigmoid(
          loadPart(UnsafePointer(z), units + i, lanes) + loadPart(p, units + i, lanes))
        let own = loadPart(p, 2 * units + i, lanes)
        let new = S.tanh(
          loadPart(UnsafePointer(z), 2 * units + i, lanes).addingProduct(reset, own))
        storePart(reset, z, i, lanes)
        storePart(keep, z, units + i, lanes)
        storePart(new, z, 2 * units + i, lanes)
        storePart(own, q, i, lanes)
        storePart(new.addingProduct(keep, loadPart(b, i, lanes) - new), h, i, lanes)
        i += lanes
      }
    }
  }

  static func gruGradient<S: VectorScalar>(
    _ gates: Plane<S>, _ inner: Plane<S>, _ before: Plane<S>, _ dHidden: Plane<S>, rows: Int,
    units: Int
  ) {
    for row in 0..<rows {
      let z = gates.row(row)
      let (q, dh) = (inner.row(row), dHidden.row(row))
      let b = UnsafePointer(before.row(row))
      var i = 0
      while i < units {
        let lanes = min(S.Vector.scalarCount, units - i)
        let reset = loadPart(UnsafePointer(z), i, lanes)
        let keep = loadPart(UnsafePointer(z), units + i, lanes)
        let new = loadPart(UnsafePointer(z), 2 * units + i, lanes)
        let slope = loadPart(UnsafePointer(dh), i, lanes)
        let dNew = slope * (1 - keep) * (1 - new * new)
        let dReset = dNew * loadPart(UnsafePointer(q), i, lanes) * (reset * (1 - reset))
        storePart(dReset, z, i, lanes)
        storePart(
          slope * (loadPart(b, i, lanes) - new) * (keep * (1 - keep)), z, units + i, lanes)
        storePart(dNew, z, 2 * units + i, lanes)
        storePart(dNew * reset, q, i, lanes)
        storePart(slope * keep, dh, i, lanes)
        i += lanes
      }
    }
  }
}
