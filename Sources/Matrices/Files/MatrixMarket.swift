/// The exchange format for sparse matrices of the National Institute of Standards and Technology
/// (Boisvert, Pozo & Remington, NISTIR 5935, 1996): a first line that says what follows, comments,
/// the sizes, and a line an element.
package enum MatrixMarket {
  /// Reads a file: `coordinate` is sparse, `array` full. Elements given twice are added; the other
  /// half of a symmetric matrix is filled in.
  package static func read(_ path: String) throws -> AnyMatrix {
    let file = try FileReader(path: path).readAll()
    return try withExtendedLifetime(file) {
      try NumberScanner.withPowers { powers in
        var parser = Parser(file.bytes, powers)
        return try parser.matrix()
      }
    }
  }

  /// Writes the stored elements row by row.
  package static func write(_ matrix: SparseMatrix, to path: String) throws {
    try FileWriter.write(to: path) { file in
      try file.write("%%MatrixMarket matrix coordinate real general\n")
      try file.write("\(matrix.rows) \(matrix.columns) \(matrix.count)\n")
      let lines = matrix.byRows
      for row in 0..<lines.count {
        for i in lines.elements(of: row) {
          let number = text(lines.values, i)
          try file.write("\(row + 1) \(lines.places[i] + 1) \(number)\n")
        }
      }
    }
  }

  /// Writes all elements, column by column as the format wants them.
  package static func write(_ matrix: Matrix, to path: String) throws {
    try FileWriter.write(to: path) { file in
      try file.write("%%MatrixMarket matrix array real general\n")
      try file.write("\(matrix.rows) \(matrix.columns)\n")
      let turned = matrix.transposed.rowMajor()
      for i in 0..<turned.count { try file.write(text(turned, i) + "\n") }
    }
  }

  /// The shortest text that is read back as the same number of this precision.
  private static func text(_ values: Matrix, _ index: Int) -> String {
    let number = values[index]
    if number == number.rounded(), number.magnitude < 1e15 { return String(Int64(number)) }
    return values.precision == .single ? String(Float(number)) : String(number)
  }
}

/// Reads the bytes of a file from front to back.
private struct Parser {
  private let bytes: UnsafeBufferPointer<UInt8>
  private let powers: UnsafePointer<Double>
  private var place = 0
  private var line = 1
  private var isSymmetric = false
  /// −1 where the other half has the other sign.
  private var mirrorSign = 1.0
  private var isPattern = false

  init(_ bytes: UnsafeBufferPointer<UInt8>, _ powers: UnsafePointer<Double>) {
    self.bytes = bytes
    self.powers = powers
  }

  mutating func matrix() throws -> AnyMatrix {
    guard !bytes.isEmpty else { throw FileError.empty }
    let isSparse = try header()
    skipComments()
    return isSparse ? .sparse(try elements()) : .dense(try array())
  }

  /// The first line; says whether the elements come with their places.
  private mutating func header() throws -> Bool {
    let end = endOfLine()
    let text = String(decoding: UnsafeBufferPointer(rebasing: bytes[place..<end]), as: UTF8.self)
    let words = text.lowercased().split(whereSeparator: \.isWhitespace).map(String.init)
    guard words.first == "%%matrixmarket" else { throw FileError.notOfFormat(.mtx) }
    guard words.count >= 5, words[1] == "matrix", ["coordinate", "array"].contains(words[2]) else {
      throw FileError.badHeader(.mtx, "the line \"\(text.prefix(60))\"")
    }
    switch words[3] {
    case "real", "integer", "double": break
    case "pattern": isPattern = true
    case "complex": throw FileError.unsupported(.mtx, "complex numbers")
    default: throw FileError.badHeader(.mtx, "numbers called '\(words[3].prefix(40))'")
    }
    switch words[4] {
    case "general": break
    case "symmetric", "hermitian": isSymmetric = true
    case "skew-symmetric": (isSymmetric, mirrorSign) = (true, -1)
    default: throw FileError.badHeader(.mtx, "a symmetry called '\(words[4].prefix(40))'")
    }
    guard !(isPattern && words[2] == "array") else {
      throw FileError.badHeader(.mtx, "a pattern without places")
    }
    nextLine(end)
    return words[2] == "coordinate"
  }

  private mutating func elements() throws -> SparseMatrix {
    let sizes = try wholeNumbers(3, "rows, columns and the number of elements")
    let (rows, columns, count) = (sizes[0], sizes[1], sizes[2])
    guard rows <= Matrix.largestDimension, columns <= Matrix.largestDimension else {
      throw FileError.tooLarge(rows: rows, columns: columns)
    }
    // "1 1\n" is the shortest element: a damaged header does not ask for all of the memory.
    guard count <= bytes.count / 3 else {
      throw FileError.badLine(line, "\(count) elements, and the file is too short for them")
    }
    guard Memory.hasRoom(for: count * 48) else { throw FileError.tooLong(bytes: count * 48) }
    var (at, to, values): ([Int32], [Int32], [Double]) = ([], [], [])
    let room = isSymmetric ? 2 * count : count
    at.reserveCapacity(room)
    to.reserveCapacity(room)
    values.reserveCapacity(room)
    for index in 0..<count {
      if index % 65_536 == 0 { try Interrupt.check() }
      skipEmptyLines()
      guard place < bytes.count else {
        throw FileError.badLine(line, "the end of the file after \(index) elements of \(count)")
      }
      let row = try position(rows, "row")
      let column = try position(columns, "column")
      let value = isPattern ? 1 : try number()
      try finishLine()
      at.append(row)
      to.append(column)
      values.append(value)
      if isSymmetric && row != column {
        at.append(column)
        to.append(row)
        values.append(mirrorSign * value)
      }
    }
    try expectEnd(after: count)
    return SparseMatrix(Shape(rows, columns), rows: at, columns: to, values: values)
  }

  private mutating func array() throws -> Matrix {
    let sizes = try wholeNumbers(2, "rows and columns")
    let (rows, columns) = (sizes[0], sizes[1])
    guard Matrix.canAllocate(Shape(rows, columns)) else {
      throw FileError.tooLarge(rows: rows, columns: columns)
    }
    if isSymmetric && rows != columns {
      throw FileError.badLine(line, "\(rows) rows and \(columns) columns of a symmetric matrix")
    }
    let wanted = isSymmetric ? rows * (rows + 1) / 2 : rows * columns
    guard wanted <= bytes.count / 2 + 1 else {
      throw FileError.badLine(line, "\(wanted) elements, and the file is too short for them")
    }
    var turned = Matrix.zeros(columns, rows)
    for column in 0..<columns {
      try Interrupt.check()
      for row in (isSymmetric ? column : 0)..<rows {
        skipEmptyLines()
        guard place < bytes.count else {
          throw FileError.badLine(line, "the end of the file before the last element")
        }
        let value = try number()
        try finishLine()
        turned[column, row] = value
        if isSymmetric && row != column { turned[row, column] = mirrorSign * value }
      }
    }
    try expectEnd(after: wanted)
    return turned.transposed.rowMajor()
  }

  // MARK: Lines

  private func endOfLine() -> Int {
    var end = place
    while end < bytes.count, bytes[end] != 10 { end += 1 }
    return end
  }

  private mutating func nextLine(_ end: Int) {
    place = min(end + 1, bytes.count)
    line += 1
  }

  private mutating func skipComments() {
    while place < bytes.count {
      skipEmptyLines()
      guard place < bytes.count, bytes[place] == UInt8(ascii: "%") else { return }
      nextLine(endOfLine())
    }
  }

  private mutating func skipBlanks() {
    while place < bytes.count, bytes[place] == 32 || bytes[place] == 9 || bytes[place] == 13 {
      place += 1
    }
  }

  private mutating func skipEmptyLines() {
    skipBlanks()
    while place < bytes.count, bytes[place] == 10 {
      nextLine(place)
      skipBlanks()
    }
  }

  private mutating func finishLine() throws {
    skipBlanks()
    if place == bytes.count { return }
    guard bytes[place] == 10 else {
      throw FileError.badLine(line, "\"\(word())\" behind the last number")
    }
    nextLine(place)
  }

  private mutating func expectEnd(after count: Int) throws {
    skipComments()
    guard place == bytes.count else {
      throw FileError.badLine(line, "more than the \(count) elements of its header")
    }
  }

  // MARK: Numbers

  private func word() -> String {
    var end = place
    while end < bytes.count, end - place < 40, bytes[end] > 32 { end += 1 }
    return String(decoding: UnsafeBufferPointer(rebasing: bytes[place..<end]), as: UTF8.self)
  }

  private mutating func number() throws -> Double {
    skipBlanks()
    guard let base = bytes.baseAddress,
      let (value, end) = NumberScanner.scan(base, place, bytes.count, powers),
      end == bytes.count || bytes[end] <= 32
    else { throw FileError.badLine(line, "\"\(word())\" where a number is needed") }
    place = end
    return value
  }

  private mutating func position(_ most: Int, _ noun: String) throws -> Int32 {
    skipBlanks()
    let text = word()
    let value = try number()
    guard let whole = Int(exactly: value), whole >= 1, whole <= most else {
      throw FileError.badLine(line, "the \(noun) \(text), and \(noun)s are 1 to \(most)")
    }
    return Int32(whole - 1)
  }

  private mutating func wholeNumbers(_ count: Int, _ what: String) throws -> [Int] {
    guard place < bytes.count else { throw FileError.badLine(line, "no \(what)") }
    var numbers: [Int] = []
    for _ in 0..<count {
      skipBlanks()
      guard place < bytes.count, bytes[place] != 10, let value = try? number(),
        let whole = Int(exactly: value), whole >= 0
      else { throw FileError.badLine(line, "no \(what)") }
      numbers.append(whole)
    }
    try finishLine()
    return numbers
  }
}
