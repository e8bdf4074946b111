import KernelTables
import Matrices
import Testing

/// Codes of many rows at once against the rule written down for one row, and derivatives through
/// them against the equations that they solve: for rows and components around the edges of groups,
/// by the kernels of this processor and by those for narrow vectors.
@Suite struct CodeKernelTests {
  private struct Problem<S: BinaryFloatingPoint> {
    let rows: Int
    let k: Int
    /// `G`, padded, and the inverses of its diagonal.
    var prepared: [S]
    /// Targets one a row, `stride` apart.
    var targets: [S]
    var slopes: [S]
    var stride: Int { k + 3 }
    var width: Int { Coding<S>.width(k) }

    init(rows: Int, k: Int, isSparse: Bool) {
      (self.rows, self.k) = (rows, k)
      var random = Random(seed: 17)
      let parts = (random.uniform(2 * k, k) - (isSparse ? 0.9 : 0.5)).mapped(.relu)
      let gram = parts.transposed * parts + 0.05 * .identity(k)
      let codes = (random.uniform(rows, k) - 0.7).mapped(.relu)
      let wanted = codes * gram
      let width = Coding<S>.width(k)
      prepared = [S](repeating: 0, count: Coding<S>.preparedCount(k))
      for i in 0..<k {
        for j in 0..<k { prepared[i * width + j] = S(gram[i, j]) }
        prepared[width * width + i] = S(1 / gram[i, i])
      }
      targets = (0..<rows).flatMap { row in wanted.row(row).map { S($0) } + [7, 7, 7] }
      slopes = random.normal(rows, k + 3).elements.map { S($0) }
    }

    /// The last two of some rounds of coordinate descent, and derivatives at the last.
    func run(_ table: KernelTable<S>, penalty: S, sweeps: Int) -> (trace: [S], slopes: [S]) {
      var (trace, slopes) = ([S](repeating: -1, count: 2 * rows * k), slopes)
      var (prepared, targets) = (prepared, targets)
      var room = [S](repeating: .nan, count: Coding<S>.roomCount(k))
      prepared.withUnsafeMutableBufferPointer { g in
        targets.withUnsafeMutableBufferPointer { b in
          room.withUnsafeMutableBufferPointer { room in
            trace.withUnsafeMutableBufferPointer { h in
              slopes.withUnsafeMutableBufferPointer { v in
                guard let g = g.baseAddress, let b = b.baseAddress, let room = room.baseAddress,
                  let h = h.baseAddress, let v = v.baseAddress
                else { return }
                let coding = Coding(
                  rows: rows, components: k, prepared: UnsafePointer(g), room: room)
                table.codes.find(
                  coding, Plane(b, stride: stride), penalty, sweeps, Plane(h, stride: k), 2)
                table.codes.solve(
                  coding, Plane(h + rows * k, stride: k), Plane(v, stride: stride))
              }
            }
          }
        }
      }
      return (trace, slopes)
    }

    /// The last two rounds for one row, by the definition.
    func codes(of row: Int, penalty: S, sweeps: Int) -> (before: [S], last: [S]) {
      var h = [S](repeating: 0, count: k)
      var before = h
      for _ in 0..<sweeps {
        before = h
        for r in 0..<k {
          var rest = targets[row * stride + r] - penalty
          for s in 0..<k where s != r { rest -= h[s] * prepared[r * width + s] }
          h[r] = max(0, rest / prepared[r * width + r])
        }
      }
      return (before, h)
    }

    /// The largest distance of the codes from those, and of `G_SS v_S` from `g_S`.
    func errors(of found: (trace: [S], slopes: [S]), penalty: S, sweeps: Int) -> (S, S) {
      var (codeError, slopeError): (S, S) = (0, 0)
      for row in 0..<rows {
        let expected = codes(of: row, penalty: penalty, sweeps: sweeps)
        for r in 0..<k {
          let own = found.trace[(rows + row) * k + r]
          codeError = max(
            codeError, abs(own - expected.last[r]),
            abs(found.trace[row * k + r] - expected.before[r]))
          let place = row * stride + r
          guard own > 0 else {
            slopeError = max(slopeError, abs(found.slopes[place]))
            continue
          }
          var rest = slopes[place]
          for s in 0..<k { rest -= prepared[r * width + s] * found.slopes[row * stride + s] }
          slopeError = max(slopeError, abs(rest))
        }
        for r in k..<stride where found.slopes[row * stride + r] != slopes[row * stride + r] {
          slopeError = .infinity
        }
      }
      return (codeError, slopeError)
    }
  }

  private func check<S: BinaryFloatingPoint>(
    _ tables: [KernelTable<S>], _ rows: Int, _ k: Int, _ tolerance: S
  ) {
    for isSparse in [false, true] {
      let problem = Problem<S>(rows: rows, k: k, isSparse: isSparse)
      for table in tables {
        let found = problem.run(table, penalty: 0.05, sweeps: 6)
        let (codes, slopes) = problem.errors(of: found, penalty: 0.05, sweeps: 6)
        #expect(codes < tolerance && slopes < 10 * tolerance, "\(rows) rows, \(k), \(isSparse)")
      }
    }
  }

  @Test(arguments: [1, 3, 8, 11, 30, 70], [1, 7, 16, 17, 35])
  func codesAndDerivativesAreThoseOfSingleRows(_ k: Int, _ rows: Int) {
    check([Double.chosenKernels, Double.narrowKernels], rows, k, 1e-12)
    check([Float.chosenKernels, Float.narrowKernels], rows, k, 2e-5)
  }

  /// Where two columns of D are equal and used, one of them is taken out.
  @Test(arguments: [4, 60])
  func aLostPivotTakesItsComponentOut(_ k: Int) {
    var problem = Problem<Double>(rows: 3, k: k, isSparse: false)
    let width = problem.width
    for r in 0..<k {
      problem.prepared[width + r] = problem.prepared[r]
      problem.prepared[r * width + 1] = problem.prepared[r * width]
    }
    problem.prepared[width * width + 1] = problem.prepared[width * width]
    let found = problem.run(Double.narrowKernels, penalty: 0, sweeps: 1)
    #expect(found.slopes.allSatisfy { $0.isFinite })
  }
}
