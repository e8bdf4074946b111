import Matrices

/// A matrix into which a program writes part after part while a gradient is taken. The parts are
/// noted and the numbers changed in place; an operation on a tape it becomes when somebody asks for
/// all of it. So a loop that fills a matrix costs what it writes.
package final class Assembly: @unchecked Sendable {
  /// What it was before.
  private let base: Trace
  private var whole: Matrix
  private var parts: [(value: Trace, positions: [Int])] = []
  /// Which part each element comes from, row after row: -1 of none, -2 of a constant.
  private var owners: [Int32]

  package init(_ base: Trace) {
    self.base = base
    whole = base.value.matrix
    owners = [Int32](repeating: -1, count: whole.count)
  }

  package var value: Quantity { .matrix(whole) }

  /// Lets `change` write the numbers of a part in place and tell their row-major positions, and
  /// notes where they came from. The part has an element for each position, or is a single one.
  package func write(
    _ part: Trace, _ change: (inout Matrix) throws -> [Int]
  ) rethrows {
    let positions = try change(&whole)
    guard part.isTraced else {
      for position in positions { owners[position] = -2 }
      return
    }
    for position in positions { owners[position] = Int32(truncatingIfNeeded: parts.count) }
    parts.append((part, positions))
  }

  /// The elements at row-major positions as a matrix of a shape, without the rest, where they are
  /// one part or a single element; `nil` otherwise.
  package func part(at positions: [Int], _ shape: Shape) -> Trace? {
    guard let first = positions.first else { return nil }
    let owner = owners[first]
    if positions.count == 1 {
      let (row, column) = (first / whole.columns, first % whole.columns)
      if owner == -2 { return Trace(whole[row, column]) }
      if owner == -1 { return base.element(row, column) }
      let part = parts[Int(owner)]
      if part.value.shape.count == 1 { return part.value.asNumber }
      guard let place = part.positions.firstIndex(of: first) else { return nil }
      let columns = part.value.shape.columns
      return part.value.element(place / columns, place % columns)
    }
    guard owner >= 0, parts[Int(owner)].positions == positions else { return nil }
    // Something later may have written over some of it.
    guard positions.allSatisfy({ owners[$0] == owner }) else { return nil }
    let part = parts[Int(owner)].value
    return part.shape.count == positions.count ? part.reshaped(shape.rows, shape.columns) : nil
  }

  /// All of it as one operation.
  var trace: Trace {
    let (owners, places) = (owners, parts.map(\.positions))
    let written = owners.indices.filter { owners[$0] != -1 }
    return .record(
      .matrix(whole), [base.asMatrix] + parts.map(\.value),
      by: Rule { p in
        let slope = p.full
        if p.position == 0 {
          return slope.reshaped(owners.count, 1)
            .replaced(rows: written, columns: [0], with: Trace(0))
            .reshaped(slope.shape.rows, slope.shape.columns)
        }
        let (own, positions) = (Int32(truncatingIfNeeded: p.position - 1), places[p.position - 1])
        var part = slope.picked(positions: positions)
        let lost = positions.indices.filter { owners[positions[$0]] != own }
        if !lost.isEmpty { part = part.replaced(rows: lost, columns: [0], with: Trace(0)) }
        let shape = p.a.shape
        if shape.count == positions.count, shape.count > 1 {
          return part.reshaped(shape.rows, shape.columns)
        }
        return part.folded(onto: p.a.value, from: Shape(positions.count, 1))
      })
  }
}

extension Trace {
  /// A single element as a number.
  fileprivate var asNumber: Trace {
    if case .number = value { self } else { element(0, 0) }
  }
}
