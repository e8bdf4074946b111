extension SparseMatrix {
  /// Whether 0 stays 0, so that only stored elements have to be looked at.
  package static func keepsZeros(_ function: ElementwiseFunction) -> Bool { function(0) == 0 }

  /// Whether `0 ∘ number` is 0.
  package static func keepsZeros(_ operation: ElementwiseOperation, _ number: Double) -> Bool {
    Matrix.combine(operation, Matrix(0), number)[0, 0] == 0
  }

  /// Whether `0 ∘ 0` is 0.
  package static func keepsZeros(_ operation: ElementwiseOperation) -> Bool {
    operation != .divide && operation != .remainder && keepsZeros(operation, 0)
  }

  /// The function of every element; it must keep zeros.
  package func mapped(_ function: ElementwiseFunction) -> SparseMatrix {
    var result = replacing(firstOrder.lines.values.mapped(function))
    result.isLogical = function.isLogical
    return result
  }

  /// `a ∘ number`, which must keep zeros.
  package static func combine(
    _ operation: ElementwiseOperation, _ a: SparseMatrix, _ number: Double
  )
    -> SparseMatrix
  {
    var result = a.replacing(Matrix.combine(operation, a.firstOrder.lines.values, number))
    result.isLogical = operation.isLogical
    return result
  }

  /// `a ∘ b` at the stored elements of a, for a b of the same shape, 1×n, m×1 or 1×1: a product, a
  /// quotient. Elements that are not stored stay 0.
  package static func combine(_ operation: ElementwiseOperation, _ a: SparseMatrix, _ b: Matrix)
    -> SparseMatrix
  {
    precondition((try? Shape.broadcast(a.shape, b.shape)) == a.shape)
    let precision = Precision.joined(a.precision, b.precision)
    let a = a.converted(to: precision)
    let (lines, areRows) = a.firstOrder
    let b = areRows ? b.converted(to: precision) : b.converted(to: precision).transposed
    let other: Matrix
    switch precision {
    case .double: other = lines.gathered(b.rowMajor(), Double.self)
    case .single: other = lines.gathered(b.rowMajor(), Float.self)
    }
    var result = a.replacing(Matrix.combine(operation, lines.values, other))
    result.isLogical = operation.isLogical
    return result
  }

  /// `a ∘ b` of two sparse matrices of one shape, for an operation that makes 0 of two zeros.
  package static func combine(
    _ operation: ElementwiseOperation, _ a: SparseMatrix, _ b: SparseMatrix
  ) -> SparseMatrix {
    precondition(a.shape == b.shape && keepsZeros(operation))
    let precision = Precision.joined(a.precision, b.precision)
    // In the order that a has.
    let areRows = a.firstOrder.areRows
    let (x, y) = (a.converted(to: precision), b.converted(to: precision))
    let (first, second) = areRows ? (x.byRows, y.byRows) : (x.byColumns, y.byColumns)
    let merged: (lines: SparseLines, other: Matrix)
    switch precision {
    case .double: merged = first.merged(with: second, Double.self)
    case .single: merged = first.merged(with: second, Float.self)
    }
    var lines = merged.lines
    lines.values = Matrix.combine(operation, lines.values, merged.other)
    lines.values.isLogical = false
    var result = SparseMatrix(a.shape, lines.withoutZeros(), transposed: !areRows)
    result.isLogical = operation.isLogical
    return result
  }

  /// The product of two sparse matrices, row by row (Gustavson, ACM Trans. Math. Softw. 4, 1978): work
  /// in proportion to the products of elements that are not 0.
  package static func product(_ a: SparseMatrix, _ b: SparseMatrix) -> SparseMatrix {
    precondition(a.columns == b.rows)
    let precision = Precision.joined(a.precision, b.precision)
    let (x, y) = (a.converted(to: precision).byRows, b.converted(to: precision).byRows)
    let lines: SparseLines
    switch precision {
    case .double: lines = x.product(with: y, width: b.columns, Double.self)
    case .single: lines = x.product(with: y, width: b.columns, Float.self)
    }
    return SparseMatrix(Shape(a.rows, b.columns), lines)
  }

  /// Whether memory has room for the product, however few of its elements are 0.
  package static func canMultiply(_ a: SparseMatrix, _ b: SparseMatrix) -> Bool {
    let (x, y) = (a.byRows, b.byRows)
    var most = 0
    for line in 0..<x.count {
      var own = 0
      for i in x.elements(of: line) { own += y.elements(of: Int(x.places[i])).count }
      most += min(own, b.columns)
    }
    // The parts and the whole, with room to grow.
    return Memory.hasRoom(for: 3 * most * (4 + Precision.joined(a.precision, b.precision).bytes))
  }

  /// The matrices one above the other; all have the same columns.
  package static func above(_ parts: [SparseMatrix]) -> SparseMatrix {
    let precision = parts.map(\.precision).reduce(.single, Precision.joined)
    let lines = SparseLines.joined(parts.map { $0.converted(to: precision).byRows }, precision)
    return SparseMatrix(Shape(lines.count, parts.first?.columns ?? 0), lines)
  }

  /// All elements of the matrix and a dense one of its shape, combined.
  package static func combineFull(_ operation: ElementwiseOperation, _ a: SparseMatrix, _ b: Matrix)
    -> Matrix
  { Matrix.combine(operation, a.full, b) }

  /// The elements where a mask of the same shape is not 0; what lies elsewhere may be NaN.
  package func choosing(where mask: SparseMatrix) -> SparseMatrix {
    precondition(mask.shape == shape)
    let merged: (lines: SparseLines, other: Matrix)
    switch precision {
    case .double: merged = byRows.merged(with: mask.converted(to: precision).byRows, Double.self)
    case .single: merged = byRows.merged(with: mask.converted(to: precision).byRows, Float.self)
    }
    var lines = merged.lines
    lines.values = Matrix.choose(
      merged.other, lines.values, Matrix(0).converted(to: precision))
    return SparseMatrix(shape, lines.withoutZeros())
  }

  /// The numbers at the stored places of a mask, row after row, as an n×1 matrix.
  package func selecting(_ mask: SparseMatrix) -> Matrix {
    precondition(mask.shape == shape)
    let merged: (lines: SparseLines, other: Matrix)
    switch precision {
    case .double:
      merged = mask.converted(to: precision).byRows.merged(with: byRows, Double.self)
    case .single:
      merged = mask.converted(to: precision).byRows.merged(with: byRows, Float.self)
    }
    let wanted = merged.lines.values.elements
    let numbers = merged.other.elements
    let chosen = zip(wanted, numbers).prefix(merged.lines.places.count).filter { $0.0 != 0 }
    return Matrix(column: chosen.map(\.1)).converted(to: precision)
  }
}

extension SparseLines {
  /// The elements of a dense matrix of the shape of the lines, of one of them, or one a line, at the
  /// stored places.
  fileprivate func gathered<S: Scalar>(_ b: Matrix, _: S.Type) -> Matrix {
    var result = Matrix(uninitialized: Self.room(for: places.count), S.precision)
    result.clearBehind(places.count)
    let step = b.rows == 1 ? 0 : b.columns
    let isLine = b.columns > 1
    let runs = runs(32)
    result.write(S.self) { target in
      b.read(S.self) { source in
        read(S.self) { starts, places, _ in
          ThreadPool.shared.run(runs.count) { run in
            if Interrupt.abandonsKernels { return }
            for line in runs[run] {
              let row = source + line * step
              for i in starts[line]..<starts[line + 1] {
                target[i] = isLine ? row[Int(places[i])] : row[0]
              }
            }
          }
        }
      }
    }
    return result
  }

  /// The places of both, with the numbers of these lines and, beside them, those of the other.
  fileprivate func merged<S: Scalar>(with other: SparseLines, _: S.Type)
    -> (lines: SparseLines, other: Matrix)
  {
    precondition(count == other.count)
    let most = places.count + other.places.count
    var mine = SparseBuilder<S>(lines: count, room: most)
    var theirs = SparseBuilder<S>(lines: count, room: most)
    // Read where nothing may be stored: an empty one is never looked at.
    values.read(S.self) { x in
      other.values.read(S.self) { y in
        for line in 0..<count {
          var (i, j) = (starts[line], other.starts[line])
          let (iEnd, jEnd) = (starts[line + 1], other.starts[line + 1])
          while i < iEnd || j < jEnd {
            let left = i < iEnd ? places[i] : Int32.max
            let right = j < jEnd ? other.places[j] : Int32.max
            let place = min(left, right)
            mine.add(place, left == place ? x[i] : 0)
            theirs.add(place, right == place ? y[j] : 0)
            if left == place { i += 1 }
            if right == place { j += 1 }
          }
          mine.endLine()
          theirs.endLine()
        }
      }
    }
    return (mine.lines, theirs.lines.values)
  }

  fileprivate func product<S: Scalar>(with other: SparseLines, width: Int, _: S.Type)
    -> SparseLines
  {
    let runs = runs(32)
    var parts = [SparseLines?](repeating: nil, count: runs.count)
    parts.withUnsafeMutableBufferPointer { parts in
      let parts = parts
      read(S.self) { starts, places, x in
        other.read(S.self) { otherStarts, otherPlaces, y in
          ThreadPool.shared.run(runs.count) { run in
            if Interrupt.abandonsKernels { return }
            var builder = SparseBuilder<S>(lines: runs[run].count, room: 0)
            var sums = [S](repeating: 0, count: width)
            var isThere = [Bool](repeating: false, count: width)
            var touched: [Int32] = []
            for line in runs[run] {
              if Interrupt.abandonsKernels { return }
              touched.removeAll(keepingCapacity: true)
              for i in starts[line]..<starts[line + 1] {
                let row = Int(places[i])
                for j in otherStarts[row]..<otherStarts[row + 1] {
                  let place = Int(otherPlaces[j])
                  if !isThere[place] {
                    isThere[place] = true
                    touched.append(otherPlaces[j])
                  }
                  sums[place].addProduct(x[i], y[j])
                }
              }
              touched.sort()
              for place in touched {
                let sum = sums[Int(place)]
                if sum != 0 { builder.add(place, sum) }
                sums[Int(place)] = 0
                isThere[Int(place)] = false
              }
              builder.endLine()
            }
            parts[run] = builder.lines
          }
        }
      }
    }
    let empty = SparseBuilder<S>(lines: count, room: 0).lines
    let made = parts.compactMap { $0 }
    return made.count == runs.count && !made.isEmpty ? .joined(made, S.precision) : empty
  }

  /// The lines of all parts after each other.
  fileprivate static func joined(_ parts: [SparseLines], _ precision: Precision) -> SparseLines {
    switch precision {
    case .double: joined(parts, Double.self)
    case .single: joined(parts, Float.self)
    }
  }

  private static func joined<S: Scalar>(_ parts: [SparseLines], _: S.Type) -> SparseLines {
    let total = parts.reduce(0) { $0 + $1.places.count }
    var builder = SparseBuilder<S>(
      lines: parts.reduce(0) { $0 + $1.count }, room: total)
    for part in parts {
      part.values.read(S.self) { x in
        for line in 0..<part.count {
          for i in part.elements(of: line) { builder.add(part.places[i], x[i]) }
          builder.endLine()
        }
      }
    }
    return builder.lines
  }
}
