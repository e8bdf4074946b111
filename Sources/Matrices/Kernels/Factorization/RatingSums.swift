/// Sums over the known entries of each row or column: what implicit feedback is made of.
extension ObservedEntries {
  /// `Σ_j o_j` over the columns j that a row has entries in, a row each.
  package func rowSums(_ other: Matrix) -> Matrix { Kernels.sums(byRows, other) }

  /// The same over the rows that a column has entries in.
  package func columnSums(_ other: Matrix) -> Matrix { Kernels.sums(byColumns, other) }

  /// `Σ_j (r − mean − x·o_j) o_j` over the entries r of a row, a row each; `mean` nil leaves
  /// `r − mean` out.
  package func rowPulls(_ x: Matrix, _ other: Matrix, mean: Double?) -> Matrix {
    Kernels.pulls(byRows, x, other, mean)
  }

  /// `Σ r o_i` over the entries r of a column, a column each.
  package func columnSums(timesValues other: Matrix) -> Matrix {
    Kernels.pulls(byColumns, .zeros(shape.columns, other.columns), other, 0)
  }
}

extension Kernels {
  fileprivate static func sums(_ lines: ObservedLines, _ other: Matrix) -> Matrix {
    let (count, columns, other) = (lines.starts.count - 1, other.columns, other.rowMajor())
    var result = Matrix.zeros(count, columns)
    result.write(Double.self) { target in
      other.read(Double.self) { source in
        ThreadPool.shared.run(count, by: max(1, (count + 63) / 64)) { range in
          for line in range where !Interrupt.abandonsKernels {
            lines.withEntries(of: line) { places, _ in
              for place in places {
                addProduct(1, source + Int(place) * columns, to: target + line * columns, columns)
              }
            }
          }
        }
      }
    }
    return result
  }

  fileprivate static func pulls(
    _ lines: ObservedLines, _ x: Matrix, _ other: Matrix, _ mean: Double?
  ) -> Matrix {
    precondition(x.rows == lines.starts.count - 1 && x.columns == other.columns)
    let (count, columns) = (x.rows, x.columns)
    let (x, other) = (x.rowMajor(), other.rowMajor())
    var result = Matrix.zeros(count, columns)
    result.write(Double.self) { target in
      x.read(Double.self) { x in
        other.read(Double.self) { source in
          ThreadPool.shared.run(count, by: max(1, (count + 63) / 64)) { range in
            for line in range where !Interrupt.abandonsKernels {
              lines.withEntries(of: line) { places, values in
                for (place, value) in zip(places, values) {
                  let o = source + Int(place) * columns
                  let rest =
                    (mean.map { value - $0 } ?? 0) - dotProduct(x + line * columns, o, columns)
                  addProduct(rest, o, to: target + line * columns, columns)
                }
              }
            }
          }
        }
      }
    }
    return result
  }
}
