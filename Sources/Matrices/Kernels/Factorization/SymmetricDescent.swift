import Glibc

extension Matrix {
  /// One sweep over all entries of F that lowers `¼‖X − F Fᵀ‖²` for a symmetric X, F ≥ 0: every entry
  /// becomes the best non-negative root of the cubic that the others leave for it (Vandaele, Gillis,
  /// Lei, Zhong & Dhillon, IEEE Trans. Signal Process. 64, 2016). All in 64 bits; every entry sees
  /// those before it, so this runs on one thread. Cost 2n²k + 4nk² flops.
  package mutating func descendSymmetric(_ x: AnyMatrix) -> DescentReport {
    precondition(x.rows == rows && x.shape.columns == rows && precision == .double)
    if isTransposed { self = rowMajor() }
    switch x {
    case .dense(let x):
      let x = x.converted(to: .double).rowMajor()
      let n = rows
      return x.read(Double.self) { x in
        Kernels.descendSymmetric(&self) { i, add in
          for p in 0..<n where x[i * n + p] != 0 { add(p, x[i * n + p]) }
        }
      }
    case .sparse(let x):
      let lines = x.converted(to: .double).byRows
      return lines.values.read(Double.self) { x in
        Kernels.descendSymmetric(&self) { i, add in
          for e in lines.elements(of: i) { add(Int(lines.places[e]), x[e]) }
        }
      }
    }
  }
}

extension Kernels {
  /// `elements` calls a body with the place and the number of every element of a row.
  @inline(__always)
  fileprivate static func descendSymmetric(
    _ factor: inout Matrix, _ elements: (_ row: Int, (Int, Double) -> Void) -> Void
  ) -> DescentReport {
    let (n, k) = (factor.rows, factor.columns)
    var gram = factor.transposed * factor
    var report = DescentReport(
      firstChange: [Double](repeating: 0, count: k), squares: [Double](repeating: 0, count: k))
    let products = UnsafeMutablePointer<Double>.allocate(capacity: max(k, 1))
    defer { products.deallocate() }
    factor.write(Double.self) { f in
      gram.write(Double.self) { g in
        for i in 0..<n {
          if Interrupt.abandonsKernels { return }
          let own = f + i * k
          products.update(repeating: 0, count: k)
          var diagonal = 0.0
          elements(i) { p, weight in
            if p == i { diagonal = weight }
            let other = f + p * k
            for r in 0..<k { products[r].addProduct(weight, other[r]) }
          }
          var square = 0.0
          for r in 0..<k { square.addProduct(own[r], own[r]) }
          for r in 0..<k {
            let old = own[r]
            var coupled = 0.0
            for s in 0..<k { coupled.addProduct(own[s], g[s * k + r]) }
            let a = square - old * old + g[r * k + r] - old * old - diagonal
            let b = coupled - products[r] - old * old * old - a * old
            let new = bestRoot(a, b)
            let step = new - old
            if step == 0 { continue }
            report.firstChange[r] += step * step
            for s in 0..<k where s != r {
              g[r * k + s].addProduct(step, own[s])
              g[s * k + r] = g[r * k + s]
            }
            g[r * k + r] += new * new - old * old
            square += new * new - old * old
            own[r] = new
          }
        }
      }
      for i in 0..<n { for r in 0..<k { report.squares[r] += f[i * k + r] * f[i * k + r] } }
    }
    return report
  }

  /// Of 0 and the positive roots of `x³ + ax + b` the one where `x⁴/4 + ax²/2 + bx` is least.
  private static func bestRoot(_ a: Double, _ b: Double) -> Double {
    var best = (value: 0.0, root: 0.0)
    let consider = { (root: Double) in
      guard root > 0 else { return }
      let value = root * (root * (root * root / 4 + a / 2) + b)
      if value < best.value { best = (value, root) }
    }
    let (q, p) = (b / 2, a / 3)
    let discriminant = q * q + p * p * p
    if discriminant >= 0 {
      let root = discriminant.squareRoot()
      let first = cbrt(-q + root)
      // The second cube root by their product where cancellation would eat it.
      let larger = q > 0 ? cbrt(-q - root) : first
      consider(larger == 0 ? 0 : larger - p / larger)
    } else {
      let size = 2 * (-p).squareRoot()
      let angle = acos(max(-1, min(1, -q / (-p * p * p).squareRoot()))) / 3
      for turn in 0..<3 { consider(size * cos(angle - 2 * Double.pi * Double(turn) / 3)) }
    }
    return best.root
  }
}
