/// What a model leaves of known entries, kept by rows and by columns: each half of a step reads its
/// own copy in order (CCD++: Yu, Hsieh, Si & Dhillon, ICDM 2012). Vectors have one number a row or
/// column.
package struct ResidualEntries: Sendable {
  private var byRows: ObservedLines
  private var byColumns: ObservedLines
  private let shape: Shape

  /// All of the entries, less their mean.
  package init(_ entries: ObservedEntries, minus mean: Double) {
    (byRows, byColumns, shape) = (entries.byRows, entries.byColumns, entries.shape)
    for place in byRows.values.indices { byRows.values[place] -= mean }
    for place in byColumns.values.indices { byColumns.values[place] -= mean }
  }

  /// `E += factor · u vᵀ` at the known places.
  package mutating func add(_ factor: Double, _ u: [Double], _ v: [Double]) {
    Kernels.addOuter(factor, u, v, to: &byRows)
    Kernels.addOuter(factor, v, u, to: &byColumns)
  }

  /// The u that minimises `Σ (E − u vᵀ)² + Σ λ u²` over the known places; at least 0 if asked for.
  package func bestRows(for v: [Double], penalties: [Double], isNonnegative: Bool) -> [Double] {
    Kernels.bestLines(byRows, v, penalties, isNonnegative)
  }

  /// The v, likewise.
  package func bestColumns(for u: [Double], penalties: [Double], isNonnegative: Bool) -> [Double] {
    Kernels.bestLines(byColumns, u, penalties, isNonnegative)
  }

  package var sumOfSquares: Double { Matrix(column: byRows.values).sumOfSquares }
}

extension Kernels {
  fileprivate static func addOuter(
    _ factor: Double, _ own: [Double], _ other: [Double], to lines: inout ObservedLines
  ) {
    let count = own.count
    precondition(lines.starts.count == count + 1)
    let starts = lines.starts
    lines.values.withUnsafeMutableBufferPointer { values in
      guard let values = values.baseAddress else { return }
      lines.places.withUnsafeBufferPointer { places in
        other.withUnsafeBufferPointer { other in
          starts.withUnsafeBufferPointer { starts in
            own.withUnsafeBufferPointer { own in
              ThreadPool.shared.run(count, by: max(1, (count + 63) / 64)) { range in
                if Interrupt.abandonsKernels { return }
                for line in range {
                  let scale = factor * own[line]
                  if scale == 0 { continue }
                  for place in starts[line]..<starts[line + 1] {
                    values[place].addProduct(scale, other[Int(places[place])])
                  }
                }
              }
            }
          }
        }
      }
    }
  }

  fileprivate static func bestLines(
    _ lines: ObservedLines, _ other: [Double], _ penalties: [Double], _ isNonnegative: Bool
  ) -> [Double] {
    let count = penalties.count
    precondition(lines.starts.count == count + 1)
    return [Double](unsafeUninitializedCapacity: count) { target, initialized in
      let target = target
      other.withUnsafeBufferPointer { other in
        ThreadPool.shared.run(count, by: max(1, (count + 63) / 64)) { range in
          if Interrupt.abandonsKernels { return }
          for line in range {
            lines.withEntries(of: line) { places, values in
              var (tops, squares) = (SIMD4<Double>.zero, SIMD4<Double>.zero)
              var i = 0
              while i + 4 <= places.count {
                let v = SIMD4(
                  other[Int(places[i])], other[Int(places[i + 1])], other[Int(places[i + 2])],
                  other[Int(places[i + 3])])
                tops.addProduct(
                  v, SIMD4(values[i], values[i + 1], values[i + 2], values[i + 3]))
                squares.addProduct(v, v)
                i += 4
              }
              var (top, square) = (tops.sum(), squares.sum())
              while i < places.count {
                let v = other[Int(places[i])]
                top.addProduct(v, values[i])
                square.addProduct(v, v)
                i += 1
              }
              let divisor = square + penalties[line]
              let best = divisor > 0 ? top / divisor : 0
              target[line] = isNonnegative ? max(0, best) : best
            }
          }
        }
      }
      initialized = count
    }
  }
}
