extension Kernels {
  static func sort<S: Scalar>(_ matrix: inout Matrix, descending: Bool, _: S.Type) {
    let columns = matrix.columns
    let rows = matrix.rows
    matrix.write(S.self) { x in
      ThreadPool.shared.run(rows, by: max(1, chunk / 8 / max(columns, 1))) { range in
        for row in range {
          if Interrupt.abandonsKernels { return }
          var line = UnsafeMutableBufferPointer(start: x + row * columns, count: columns)
          let numbers = line.partition { $0.isNaN }
          var part = UnsafeMutableBufferPointer(rebasing: line[..<numbers])
          if descending { part.sort(by: >) } else { part.sort(by: <) }
        }
      }
    }
  }

  static func order<S: Scalar>(
    _ matrix: Matrix, into result: inout Matrix, descending: Bool, _: S.Type
  ) {
    let (rows, columns) = (matrix.rows, matrix.columns)
    result.write(Double.self) { target in
      matrix.read(S.self) { x in
        ThreadPool.shared.run(rows, by: max(1, chunk / 8 / max(columns, 1))) { range in
          for row in range {
            if Interrupt.abandonsKernels { return }
            let line = x + row * columns
            let order = (0..<columns).sorted { a, b in
              let (first, second) = (line[a], line[b])
              if first.isNaN || second.isNaN {
                return first.isNaN == second.isNaN ? a < b : second.isNaN
              }
              if first == second { return a < b }
              return descending ? first > second : first < second
            }
            for (place, position) in order.enumerated() {
              target[row * columns + place] = Double(position)
            }
          }
        }
      }
    }
  }

  /// Where a new value begins in a sorted line.
  static func firstOfRuns<S: Scalar>(_ sorted: Matrix, _: S.Type) -> [Int] {
    sorted.read(S.self) { x in
      (0..<sorted.count).filter { i in
        i == 0 || x[i] != x[i - 1] && !(x[i].isNaN && x[i - 1].isNaN)
      }
    }
  }

  static func quantiles<S: Scalar>(
    _ sorted: Matrix, _ parts: [Double], into result: inout Matrix, _: S.Type
  ) {
    let (rows, columns) = (sorted.rows, sorted.columns)
    result.write(S.self) { target in
      sorted.read(S.self) { x in
        for row in 0..<rows {
          let line = x + row * columns
          for (place, part) in parts.enumerated() {
            let position = part * Double(columns - 1)
            let low = min(max(Int(position), 0), columns - 1)
            let high = min(low + 1, columns - 1)
            let (a, b) = (Double(line[low]), Double(line[high]))
            let between = position - Double(low)
            let value = between == 0 || a == b ? a : a + (b - a) * between
            // NaN is sorted to the end.
            target[row * parts.count + place] = line[columns - 1].isNaN ? .nan : S(value)
          }
        }
      }
    }
  }
}
