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
      case 1: addMapped(lines, column, OneVector<S>.self)
      case 2: addMapped(lines, column, TwoVectors<S>.self)
      case 3: addMapped(lines, column, ThreeVectors<S>.self)
      default: addMapped(lines, column, FourVectors<S>.self)
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

  /// The same for as many vectors of columns as a row of a tile has.
  @inline(__always)
  private static func addMapped<R: TileRow>(
    _ lines: MappedLines<R.S>, _ column: Int, _: R.Type
  ) {
    let factor = lines.factor + column
    forEach(lines) { numbers, bits, place in
      let target = lines.sums + place + column
      var sum = R(UnsafePointer(target))
      var rest = bits
      while rest != 0 {
        let next = rest.trailingZeroBitCount
        rest &= rest &- 1
        sum.add(numbers[next &* lines.step], R(factor + next &* lines.stride))
      }
      sum.put(target, 0, R.S.Vector.scalarCount, .plain)
    }
  }
}
