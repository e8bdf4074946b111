import KernelTables
import Matrices
import Testing

/// The kernels for wide vectors give the bits of those for narrow ones. On a processor without wide
/// vectors both tables are the same.
@Suite struct KernelTableTests {
  /// Numbers of every size and sign, the special ones among them, in a count that leaves a tail.
  private func samples<S: BinaryFloatingPoint>(_: S.Type, from pattern: (UInt64) -> S) -> [S] {
    var bits: UInt64 = 7
    var samples: [S] = [
      0, -0.0, .infinity, -.infinity, .nan, .leastNonzeroMagnitude, -.leastNonzeroMagnitude,
      .leastNormalMagnitude, .greatestFiniteMagnitude, 1, -1,
    ]
    for i in 0..<50_000 {
      bits = bits &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      samples.append(i.isMultiple(of: 2) ? pattern(bits) : S(Int64(bitPattern: bits) >> 40) / 5000)
    }
    return samples
  }

  private func isSame<S: BinaryFloatingPoint>(_ a: [S], _ b: [S]) -> Bool {
    zip(a, b).allSatisfy { $0 == $1 && $0.sign == $1.sign || $0.isNaN && $1.isNaN }
  }

  private func compare<S: BinaryFloatingPoint & SendableMetatype>(
    _ wide: KernelTable<S>, _ narrow: KernelTable<S>, _ x: [S]
  ) {
    func mapped(_ kernel: (UnsafePointer<S>, UnsafeMutablePointer<S>) -> Void) -> [S] {
      var result = x
      result.withUnsafeMutableBufferPointer { target in
        x.withUnsafeBufferPointer { source in
          if let from = source.baseAddress, let into = target.baseAddress {
            kernel(from, into)
          }
        }
      }
      return result
    }
    for function in [\KernelTable<S>.exp, \.log, \.tanh, \.sigmoid] {
      #expect(
        isSame(
          mapped { wide[keyPath: function]($0, $1, x.count) },
          mapped { narrow[keyPath: function]($0, $1, x.count) }))
    }
    for columns in [3, 10, 16, 45] {
      let rows = 20
      #expect(
        isSame(
          mapped { wide.softmax($0 + 100, $1, rows, columns) },
          mapped { narrow.softmax($0 + 100, $1, rows, columns) }))
      for curve in Curve.allCases {
        func activated(_ table: KernelTable<S>) -> [S] {
          mapped { x, y in
            let plane = Plane(y, stride: columns + 2)
            table.activate(curve, plane, x + 5000, rows, columns)
            table.pullBack(curve, Plane(y + 6000, stride: columns), plane, plane, rows, columns)
          }
        }
        #expect(isSame(activated(wide), activated(narrow)), "\(curve) \(columns)")
      }
    }
  }

  @Test func wideAndNarrowKernelsGiveTheSameBits() {
    compare(
      Double.chosenKernels, Double.narrowKernels,
      samples(Double.self) { Double(bitPattern: $0) })
    compare(
      Float.chosenKernels, Float.narrowKernels,
      samples(Float.self) { Float(bitPattern: UInt32(truncatingIfNeeded: $0 >> 32)) })
  }
}
