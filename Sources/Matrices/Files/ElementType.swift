/// The kinds of numbers that files hold.
enum ElementType: String, CaseIterable {
  case u8, i8, u16, i16, u32, i32, u64, i64, f16, bf16, f32, f64, bool

  var bytes: Int {
    switch self {
    case .u8, .i8, .bool: 1
    case .u16, .i16, .f16, .bf16: 2
    case .u32, .i32, .f32: 4
    case .u64, .i64, .f64: 8
    }
  }

  /// The narrowest precision that holds every number; 64 bits for what has more than 53 digits.
  var precision: Precision {
    switch self {
    case .u8, .i8, .u16, .i16, .f16, .bf16, .f32: .single
    case .u32, .i32, .u64, .i64, .f64, .bool: .double
    }
  }

  /// Writes `count` numbers that lie in memory, of which nothing is aligned, into a matrix.
  func convert<S: Scalar>(
    _ source: UnsafeRawPointer, _ count: Int, bigEndian: Bool, into target: UnsafeMutablePointer<S>
  ) {
    switch self {
    case .u8: whole(UInt8.self, source, count, bigEndian, target)
    case .i8: whole(Int8.self, source, count, bigEndian, target)
    case .u16: whole(UInt16.self, source, count, bigEndian, target)
    case .i16: whole(Int16.self, source, count, bigEndian, target)
    case .u32: whole(UInt32.self, source, count, bigEndian, target)
    case .i32: whole(Int32.self, source, count, bigEndian, target)
    case .u64: whole(UInt64.self, source, count, bigEndian, target)
    case .i64: whole(Int64.self, source, count, bigEndian, target)
    case .bool:
      for i in 0..<count { target[i] = source.load(fromByteOffset: i, as: UInt8.self) == 0 ? 0 : 1 }
    case .f16:
      for i in 0..<count {
        let bits = source.loadUnaligned(fromByteOffset: 2 * i, as: UInt16.self)
        target[i] = S(Float(Float16(bitPattern: bigEndian ? bits.byteSwapped : bits)))
      }
    case .bf16:
      for i in 0..<count {
        let bits = source.loadUnaligned(fromByteOffset: 2 * i, as: UInt16.self)
        target[i] = S(Float(bitPattern: UInt32(bigEndian ? bits.byteSwapped : bits) << 16))
      }
    case .f32:
      for i in 0..<count {
        let bits = source.loadUnaligned(fromByteOffset: 4 * i, as: UInt32.self)
        target[i] = S(Float(bitPattern: bigEndian ? bits.byteSwapped : bits))
      }
    case .f64:
      for i in 0..<count {
        let bits = source.loadUnaligned(fromByteOffset: 8 * i, as: UInt64.self)
        target[i] = S(Double(bitPattern: bigEndian ? bits.byteSwapped : bits))
      }
    }
  }

  @inline(__always)
  private func whole<T: FixedWidthInteger & BitwiseCopyable, S: Scalar>(
    _: T.Type, _ source: UnsafeRawPointer, _ count: Int, _ bigEndian: Bool,
    _ target: UnsafeMutablePointer<S>
  ) {
    let size = MemoryLayout<T>.size
    for i in 0..<count {
      let number = source.loadUnaligned(fromByteOffset: size * i, as: T.self)
      target[i] = S(bigEndian ? number.byteSwapped : number)
    }
  }
}

extension FileReader {
  /// Reads the elements of a matrix that lie one after the other, row after row.
  func readElements(_ type: ElementType, _ shape: Shape, bigEndian: Bool) throws -> Matrix {
    let (count, overflow) = shape.rows.multipliedReportingOverflow(by: shape.columns)
    guard !overflow, count <= Int.max / 16,
      shape.rows <= Matrix.largestDimension, shape.columns <= Matrix.largestDimension
    else { throw FileError.tooLarge(rows: shape.rows, columns: shape.columns) }
    try expect(count * type.bytes)
    guard Matrix.canAllocate(shape, type.precision) else {
      throw FileError.tooLarge(rows: shape.rows, columns: shape.columns)
    }
    var result = Matrix(uninitialized: shape, type.precision)
    switch type.precision {
    case .single: try fill(&result, type, bigEndian, Float.self)
    case .double: try fill(&result, type, bigEndian, Double.self)
    }
    result.isLogical = type == .bool
    return result
  }

  private func fill<S: Scalar>(
    _ matrix: inout Matrix, _ type: ElementType, _ bigEndian: Bool, _: S.Type
  ) throws {
    let blockSize = 1 << 16
    let block = UnsafeMutableRawBufferPointer.allocate(
      byteCount: blockSize * type.bytes, alignment: 64)
    defer { block.deallocate() }
    let count = matrix.count
    var done = 0
    while done < count {
      let wanted = min(blockSize, count - done)
      let part = UnsafeMutableRawBufferPointer(rebasing: block[..<(wanted * type.bytes)])
      let got = try read(into: part)
      guard got == part.count, let source = part.baseAddress else {
        let missing = (count - done) * type.bytes - got
        throw FileError.truncated(expected: position + missing, found: position)
      }
      matrix.write(S.self) {
        type.convert(UnsafeRawPointer(source), wanted, bigEndian: bigEndian, into: $0 + done)
      }
      done += wanted
    }
  }
}
