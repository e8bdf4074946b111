import CProcessor
import KernelTables

/// Sums of rows of a factor over the numbers of a line that are not 0, which a word of bits tells.
extension Kernels {
  /// Up to four vectors of columns stay in registers while a line is walked.
  static func addMapped<S: VectorScalar>(_ lines: MappedLines<S>) {
    let width = S.Vector.scalarCount
    var column = 0
    while column < lines.stride {
      switch (lines.stride - column) / width {
      case 1: addMapped1(lines, column)
      case 2: addMapped2(lines, column)
      case 3: addMapped3(lines, column)
      default: addMapped4(lines, column)
      }
      column += 4 * width
    }
  }

  /// Calls `body` for every line with something in it: where its numbers are, and its bits.
  @inline(__always)
  private static func forEach<S>(
    _ lines: MappedLines<S>, _ body: (UnsafePointer<S>, UInt64, Int) -> Void
  ) {
    for line in 0..<lines.count {
      fetch(lines, beyond: line)
      if lines.words[line] == 0 { continue }
      body(lines.numbers + line &* lines.line, lines.words[line], line &* lines.stride)
    }
  }

  /// Asks for numbers of lines to come: they are few, and lie too far apart for the processor to see
  /// where the next ones will be.
  @inline(__always)
  private static func fetch<S>(_ lines: MappedLines<S>, beyond line: Int) {
    let together = 64 / MemoryLayout<S>.stride
    if lines.step == 1 {
      let next = lines.numbers + (line &+ 8) &* lines.line
      for number in stride(from: 0, to: 64, by: together) { mfs_fetch(next + number) }
    } else if line % together == 0 {
      let next = lines.numbers + (line &+ together) &* lines.line
      for number in 0..<64 { mfs_fetch(next + number &* lines.step) }
    }
  }

  @inline(__always)
  private static func addMapped1<S: VectorScalar>(_ lines: MappedLines<S>, _ column: Int) {
    let factor = lines.factor + column
    forEach(lines) { numbers, bits, place in
      let sum = lines.sums + place + column
      var a: S.Vector = load(UnsafePointer(sum), 0)
      var rest = bits
      while rest != 0 {
        let next = rest.trailingZeroBitCount
        rest &= rest &- 1
        a.addProduct(
          S.Vector(repeating: numbers[next &* lines.step]), load(factor + next &* lines.stride, 0))
      }
      store(a, sum, 0)
    }
  }

  @inline(__always)
  private static func addMapped2<S: VectorScalar>(_ lines: MappedLines<S>, _ column: Int) {
    let (factor, width) = (lines.factor + column, S.Vector.scalarCount)
    forEach(lines) { numbers, bits, place in
      let sum = lines.sums + place + column
      var a: S.Vector = load(UnsafePointer(sum), 0)
      var b: S.Vector = load(UnsafePointer(sum), width)
      var rest = bits
      while rest != 0 {
        let next = rest.trailingZeroBitCount
        rest &= rest &- 1
        let x = S.Vector(repeating: numbers[next &* lines.step])
        let row = factor + next &* lines.stride
        a.addProduct(x, load(row, 0))
        b.addProduct(x, load(row, width))
      }
      store(a, sum, 0)
      store(b, sum, width)
    }
  }

  @inline(__always)
  private static func addMapped3<S: VectorScalar>(_ lines: MappedLines<S>, _ column: Int) {
    let (factor, width) = (lines.factor + column, S.Vector.scalarCount)
    forEach(lines) { numbers, bits, place in
      let sum = lines.sums + place + column
      var a: S.Vector = load(UnsafePointer(sum), 0)
      var b: S.Vector = load(UnsafePointer(sum), width)
      var c: S.Vector = load(UnsafePointer(sum), 2 * width)
      var rest = bits
      while rest != 0 {
        let next = rest.trailingZeroBitCount
        rest &= rest &- 1
        let x = S.Vector(repeating: numbers[next &* lines.step])
        let row = factor + next &* lines.stride
        a.addProduct(x, load(row, 0))
        b.addProduct(x, load(row, width))
        c.addProduct(x, load(row, 2 * width))
      }
      store(a, sum, 0)
      store(b, sum, width)
      store(c, sum, 2 * width)
    }
  }

  @inline(__always)
  private static func addMapped4<S: VectorScalar>(_ lines: MappedLines<S>, _ column: Int) {
    let (factor, width) = (lines.factor + column, S.Vector.scalarCount)
    forEach(lines) { numbers, bits, place in
      let sum = lines.sums + place + column
      var a: S.Vector = load(UnsafePointer(sum), 0)
      var b: S.Vector = load(UnsafePointer(sum), width)
      var c: S.Vector = load(UnsafePointer(sum), 2 * width)
      var d: S.Vector = load(UnsafePointer(sum), 3 * width)
      var rest = bits
      while rest != 0 {
        let next = rest.trailingZeroBitCount
        rest &= rest &- 1
        let x = S.Vector(repeating: numbers[next &* lines.step])
        let row = factor + next &* lines.stride
        a.addProduct(x, load(row, 0))
        b.addProduct(x, load(row, width))
        c.addProduct(x, load(row, 2 * width))
        d.addProduct(x, load(row, 3 * width))
      }
      store(a, sum, 0)
      store(b, sum, width)
      store(c, sum, 2 * width)
      store(d, sum, 3 * width)
    }
  }
}
