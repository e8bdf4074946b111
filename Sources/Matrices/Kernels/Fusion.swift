import CProcessor

/// A tree of elementwise operations as steps that are done for one tile after the other.
private struct TileProgram<S: Scalar> {
  /// Where a step reads.
  enum Source {
    case tile(Int)
    case memory(UnsafePointer<S>)
  }

  /// Where the elements of a tile come from that no operation has made.
  enum Filling {
    /// A row that starts over on every line.
    case row(UnsafePointer<S>, length: Int)
    /// One element for every line.
    case column(UnsafePointer<S>, length: Int)
    case progression(first: Double, step: Double)
  }

  enum Action {
    case fill(Filling)
    case map(Kernels.Mapper<S>, Source)
    case both(Spans<S>.Loop, Source, Source)
    case left(Spans<S>.Loop, Source, S)
    case right(Spans<S>.Loop, S, Source)
    case square(Source)
  }

  struct Line {
    var action: Action
    /// The tile that receives the elements; -1 is the result.
    var target: Int
  }

  /// Elements in a tile: a few tiles stay in the first-level cache.
  static var length: Int { 4096 / MemoryLayout<S>.stride }

  var lines: [Line] = []

  /// The steps for a node, whose elements go to a tile (or the result), unless they are in memory.
  mutating func add(_ node: DeferredMatrix, into target: Int, from free: Int, lineLength: Int)
    -> Source
  {
    switch node.step {
    case .matrix(let matrix):
      let address = matrix.read(S.self) { $0 }
      if node.tiles == 0 { return .memory(address) }
      // In a transposed matrix the lines are the columns.
      let isRow = (matrix.rows == 1) != node.isTransposed
      lines.append(
        Line(
          action: .fill(
            isRow ? .row(address, length: lineLength) : .column(address, length: lineLength)),
          target: target))
    case .progression(let first, let step):
      lines.append(Line(action: .fill(.progression(first: first, step: step)), target: target))
    case .mapped(let function, let inside):
      let source = add(inside, into: target, from: free, lineLength: lineLength)
      lines.append(Line(action: .map(Kernels.mapper(function), source), target: target))
    case .left(let operation, let inside, let number):
      let source = add(inside, into: target, from: free, lineLength: lineLength)
      let single = S(number)
      if operation == .power, single == 2 {
        lines.append(Line(action: .square(source), target: target))
      } else {
        lines.append(
          Line(action: .left(Spans<S>(operation).left, source, single), target: target))
      }
    case .right(let operation, let number, let inside):
      let source = add(inside, into: target, from: free, lineLength: lineLength)
      lines.append(
        Line(action: .right(Spans<S>(operation).right, S(number), source), target: target))
    case .both(let operation, let a, let b):
      let (x, y): (Source, Source)
      // What needs more tiles is done first, so that fewer are in use at once.
      if a.tiles >= b.tiles {
        x = add(a, into: target, from: free, lineLength: lineLength)
        y = add(b, into: free, from: free + 1, lineLength: lineLength)
      } else {
        y = add(b, into: target, from: free, lineLength: lineLength)
        x = add(a, into: free, from: free + 1, lineLength: lineLength)
      }
      lines.append(Line(action: .both(Spans<S>(operation).both, x, y), target: target))
    }
    return .tile(target)
  }

  /// Computes the elements of a range of the result, which is written past the caches where there
  /// is a tile to make it in.
  func run(
    _ range: Range<Int>, _ tiles: UnsafeMutablePointer<S>, into result: UnsafeMutablePointer<S>,
    by way: UnsafeMutablePointer<S>?
  ) {
    var start = range.lowerBound
    while start < range.upperBound {
      let count = min(Self.length, range.upperBound - start)
      let output = way ?? result + start
      for line in lines {
        let target = line.target < 0 ? output : tiles + line.target * Self.length
        @inline(__always)
        func address(_ source: Source) -> UnsafePointer<S> {
          switch source {
          case .tile(let tile): UnsafePointer(tile < 0 ? output : tiles + tile * Self.length)
          case .memory(let memory): memory + start
          }
        }
        switch line.action {
        case .fill(let filling): Self.fill(filling, target, start, count)
        case .map(let mapper, let x): mapper(address(x), target, count)
        case .both(let loop, let x, let y): loop(address(x), address(y), target, 0..<count)
        case .left(let loop, let x, let number):
          withUnsafePointer(to: number) { loop(address(x), $0, target, 0..<count) }
        case .right(let loop, let number, let y):
          withUnsafePointer(to: number) { loop($0, address(y), target, 0..<count) }
        case .square(let x): Self.square(address(x), target, count)
        }
      }
      if way != nil {
        Kernels.stream(count * MemoryLayout<S>.stride, from: output, to: result + start)
      }
      start += count
    }
    if way != nil { mfs_finish_lines() }
  }

  private static func square(
    _ x: UnsafePointer<S>, _ target: UnsafeMutablePointer<S>, _ count: Int
  ) {
    let width = S.Vector.scalarCount
    var i = 0
    while i + width <= count {
      let value: S.Vector = load(x, i)
      store(value * value, target, i)
      i += width
    }
    while i < count {
      target[i] = x[i] * x[i]
      i += 1
    }
  }

  private static func fill(
    _ filling: Filling, _ target: UnsafeMutablePointer<S>, _ start: Int, _ count: Int
  ) {
    switch filling {
    case .progression(let first, let step):
      for i in 0..<count { target[i] = S(first + Double(start + i) * step) }
    case .row(let row, let length):
      var done = 0
      while done < count {
        let place = (start + done) % length
        let part = min(length - place, count - done)
        (target + done).update(from: row + place, count: part)
        done += part
      }
    case .column(let column, let length):
      var done = 0
      while done < count {
        let place = (start + done) % length
        let part = min(length - place, count - done)
        (target + done).update(repeating: column[(start + done) / length], count: part)
        done += part
      }
    }
  }
}

extension Kernels {
  /// Computes a tree of elementwise operations in one pass.
  static func compute<S: Scalar>(_ tree: DeferredMatrix, into result: inout Matrix, _: S.Type) {
    var program = TileProgram<S>()
    let shape = tree.shape
    let lineLength = max(1, tree.isTransposed ? shape.rows : shape.columns)
    _ = program.add(tree, into: -1, from: 0, lineLength: lineLength)
    let steps = program
    let (tiles, length) = (tree.tiles, TileProgram<S>.length)
    // One step alone is at least as fast where it writes by itself.
    let streams = steps.lines.count > 1 && shape.count * MemoryLayout<S>.stride >= streamed
    let bytes = (tiles + 1) * length * MemoryLayout<S>.stride
    result.write(S.self) { target in
      inChunks(shape.count) { range in
        withUnsafeTemporaryAllocation(byteCount: bytes, alignment: 64) { room in
          guard let room = room.baseAddress?.assumingMemoryBound(to: S.self) else { return }
          steps.run(range, room, into: target, by: streams ? room + tiles * length : nil)
        }
      }
    }
    withExtendedLifetime(tree) {}
  }
}
