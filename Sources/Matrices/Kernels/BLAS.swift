import COpenBLAS
import KernelTables

/// The dense products, the only file that calls BLAS.
///
/// OpenBLAS runs on one thread; large products are cut into blocks of the result (or, for thin
/// ones, of the inner dimension, summed in order) that our pool shares out. The cut depends on the
/// sizes alone, so results do not depend on the number of threads.
enum BLAS {
  /// Products below this many multiply-adds are not worth waking a thread for (about 30 µs).
  private static let worthSharing = 1 << 20

  private static let ready: Void = {
    openblas_set_num_threads(1)
    // The threads that it began with look for work without rest, at the cost of ours.
    mfs_stop_openblas_threads()
  }()

  /// Keeps OpenBLAS on the calling thread; our pool shares the work out.
  static func prepare() { _ = ready }

  /// `C ← α·A·B + β·C` for row-major C with row stride `ldc`.
  static func gemm<S: Scalar>(
    _: S.Type, rows m: Int, columns n: Int, inner k: Int, alpha: S,
    a: UnsafePointer<S>, aTransposed: Bool, lda: Int,
    b: UnsafePointer<S>, bTransposed: Bool, ldb: Int,
    beta: S, c: UnsafeMutablePointer<S>, ldc: Int
  ) {
    _ = ready
    guard m > 0, n > 0 else { return }
    if m * n * k <= tiny {
      multiply(m, n, k, alpha, a, aTransposed, lda, b, bTransposed, ldb, beta, c, ldc)
    } else if m * n * k < worthSharing {
      block(m, n, k, alpha, a, aTransposed, lda, b, bTransposed, ldb, beta, c, ldc)
    } else if k > 8 * max(m, n) {
      splitInner(m, n, k, alpha, a, aTransposed, lda, b, bTransposed, ldb, beta, c, ldc)
    } else if m >= n {
      let size = blockSize(m)
      ThreadPool.shared.run(m, by: size) { rows in
        if Interrupt.abandonsKernels { return }
        let start = a + rows.lowerBound * (aTransposed ? 1 : lda)
        block(
          rows.count, n, k, alpha, start, aTransposed, lda, b, bTransposed, ldb, beta,
          c + rows.lowerBound * ldc, ldc)
      }
    } else {
      let size = blockSize(n)
      ThreadPool.shared.run(n, by: size) { columns in
        if Interrupt.abandonsKernels { return }
        let start = b + columns.lowerBound * (bTransposed ? ldb : 1)
        block(
          m, columns.count, k, alpha, a, aTransposed, lda, start, bTransposed, ldb, beta,
          c + columns.lowerBound, ldc)
      }
    }
  }

  /// `C ← α·A·B + β·C` on the calling thread alone, for callers that share out whole steps.
  @inline(__always)
  static func gemmHere<S: Scalar>(
    _: S.Type, rows m: Int, columns n: Int, inner k: Int, alpha: S,
    a: UnsafePointer<S>, aTransposed: Bool, lda: Int,
    b: UnsafePointer<S>, bTransposed: Bool, ldb: Int,
    beta: S, c: UnsafeMutablePointer<S>, ldc: Int
  ) {
    _ = ready
    guard m > 0, n > 0 else { return }
    block(m, n, k, alpha, a, aTransposed, lda, b, bTransposed, ldb, beta, c, ldc)
  }

  /// Up to so many multiply-adds a loop is done before a call into BLAS has begun.
  static let tiny = 512

  /// A product of very small matrices.
  private static func multiply<S: Scalar>(
    _ m: Int, _ n: Int, _ k: Int, _ alpha: S, _ a: UnsafePointer<S>, _ aTransposed: Bool,
    _ lda: Int, _ b: UnsafePointer<S>, _ bTransposed: Bool, _ ldb: Int, _ beta: S,
    _ c: UnsafeMutablePointer<S>, _ ldc: Int
  ) {
    let (stepA, innerA) = aTransposed ? (1, lda) : (lda, 1)
    let (innerB, stepB) = bTransposed ? (1, ldb) : (ldb, 1)
    for row in 0..<m {
      for column in 0..<n {
        let (x, y) = (a + row * stepA, b + column * stepB)
        var sum: S = 0
        for i in 0..<k { sum.addProduct(x[i * innerA], y[i * innerB]) }
        let place = row * ldc + column
        c[place] = beta == 0 ? alpha * sum : alpha * sum + beta * c[place]
      }
    }
  }

  /// Between 4 and 16 blocks of a multiple of 16: enough to balance, few enough to pack cheaply.
  private static func blockSize(_ length: Int) -> Int {
    let pieces = min(max(length / 256, 4), 16)
    return ((length + pieces - 1) / pieces + 15) & ~15
  }

  /// A thin product (Gram matrices above all): partial sums over fixed ranges of the inner
  /// dimension, added in order.
  private static func splitInner<S: Scalar>(
    _ m: Int, _ n: Int, _ k: Int, _ alpha: S, _ a: UnsafePointer<S>, _ aTransposed: Bool,
    _ lda: Int, _ b: UnsafePointer<S>, _ bTransposed: Bool, _ ldb: Int, _ beta: S,
    _ c: UnsafeMutablePointer<S>, _ ldc: Int
  ) {
    let size = blockSize(k)
    let pieces = (k + size - 1) / size
    let partial = UnsafeMutablePointer<S>.allocate(capacity: pieces * m * n)
    defer { partial.deallocate() }
    ThreadPool.shared.run(pieces) { piece in
      let range = piece * size..<min(k, (piece + 1) * size)
      block(
        m, n, range.count, alpha,
        a + range.lowerBound * (aTransposed ? lda : 1), aTransposed, lda,
        b + range.lowerBound * (bTransposed ? 1 : ldb), bTransposed, ldb,
        0, partial + piece * m * n, n)
    }
    for row in 0..<m {
      for column in 0..<n {
        var sum = beta == 0 ? 0 : beta * c[row * ldc + column]
        for piece in 0..<pieces { sum += partial[(piece * m + row) * n + column] }
        c[row * ldc + column] = sum
      }
    }
  }

  /// Multiply-adds that take some 20 ms: as long as a stop may wait to be noticed.
  private static let bandWork = 1 << 29

  /// One block on the calling thread, in bands of rows between which a stop is noticed.
  @inline(__always)
  private static func block<S: Scalar>(
    _ m: Int, _ n: Int, _ k: Int, _ alpha: S, _ a: UnsafePointer<S>, _ aTransposed: Bool,
    _ lda: Int, _ b: UnsafePointer<S>, _ bTransposed: Bool, _ ldb: Int, _ beta: S,
    _ c: UnsafeMutablePointer<S>, _ ldc: Int
  ) {
    let band = max(64, bandWork / max(n * k, 1) & ~15)
    var row = 0
    while row < m {
      if row > 0 && Interrupt.abandonsKernels { return }
      let count = min(band, m - row)
      let (start, into) = (a + row * (aTransposed ? 1 : lda), c + row * ldc)
      if Chosen.isWide {
        own(
          count, n, k, alpha, start, aTransposed, lda, b, bTransposed, ldb, beta, into, ldc)
      } else {
        call(
          count, n, k, alpha, start, aTransposed, lda, b, bTransposed, ldb, beta, into, ldc)
      }
      row += count
    }
  }

  /// The product of our own kernels (`Vectors/Products.swift`), which reach twice the speed of
  /// OpenBLAS's where they have registers of 512 bits (README.md has the measurements).
  private static func own<S: Scalar>(
    _ m: Int, _ n: Int, _ k: Int, _ alpha: S, _ a: UnsafePointer<S>, _ aTransposed: Bool,
    _ lda: Int, _ b: UnsafePointer<S>, _ bTransposed: Bool, _ ldb: Int, _ beta: S,
    _ c: UnsafeMutablePointer<S>, _ ldc: Int, bias: UnsafePointer<S>? = nil, clamps: Bool = false
  ) {
    var product = Product(
      rows: m, columns: n, inner: k, a: a, aRow: aTransposed ? 1 : lda,
      aInner: aTransposed ? lda : 1, b: b, bInner: bTransposed ? 1 : ldb,
      bColumn: bTransposed ? ldb : 1, c: c, cRow: ldc, room: ThreadRoom.address)
    product.scale = Double(alpha)
    product.adds = beta != 0
    product.bias = bias
    product.clamps = clamps
    if beta != 0 && beta != 1 {
      for row in 0..<m { for column in 0..<n { c[row * ldc + column] *= beta } }
    }
    S.chosenKernels.multiply(product)
  }

  /// `C ← A·B + bias`, with negative results becoming 0 where said: on the calling thread.
  static func affineHere<S: Scalar>(
    rows m: Int, columns n: Int, inner k: Int, a: UnsafePointer<S>, lda: Int,
    b: UnsafePointer<S>, ldb: Int, bias: UnsafePointer<S>, clamps: Bool,
    c: UnsafeMutablePointer<S>, ldc: Int
  ) {
    if Chosen.isWide {
      own(
        m, n, k, 1, a, false, lda, b, false, ldb, 0, c, ldc, bias: bias, clamps: clamps)
    } else {
      gemmHere(
        S.self, rows: m, columns: n, inner: k, alpha: 1, a: a, aTransposed: false, lda: lda, b: b,
        bTransposed: false, ldb: ldb, beta: 0, c: c, ldc: ldc)
      S.chosenKernels.activate(clamps ? .relu : .linear, Plane(c, stride: ldc), bias, m, n)
    }
  }

  /// `C ← A·Bᵀ + bias` for few rows of Bᵀ, on the calling thread.
  static func affineOfFewHere<S: Scalar>(
    rows m: Int, columns n: Int, inner k: Int, a: UnsafePointer<S>, lda: Int,
    b: UnsafePointer<S>, ldb: Int, bias: UnsafePointer<S>, clamps: Bool,
    c: UnsafeMutablePointer<S>, ldc: Int
  ) {
    var product = Product(
      rows: m, columns: n, inner: k, a: a, aRow: lda, aInner: 1, b: b, bInner: 1, bColumn: ldb,
      c: c, cRow: ldc, room: ThreadRoom.address)
    product.bias = bias
    product.clamps = clamps
    S.chosenKernels.multiplyByFewRows(product)
  }

  @inline(__always)
  private static func call<S: Scalar>(
    _ m: Int, _ n: Int, _ k: Int, _ alpha: S, _ a: UnsafePointer<S>, _ aTransposed: Bool,
    _ lda: Int, _ b: UnsafePointer<S>, _ bTransposed: Bool, _ ldb: Int, _ beta: S,
    _ c: UnsafeMutablePointer<S>, _ ldc: Int
  ) {
    let transA = aTransposed ? CblasTrans : CblasNoTrans
    let transB = bTransposed ? CblasTrans : CblasNoTrans
    let (m, n, k) = (Int32(m), Int32(n), Int32(k))
    let (lda, ldb, ldc) = (Int32(max(lda, 1)), Int32(max(ldb, 1)), Int32(max(ldc, 1)))
    switch S.precision {
    case .double:
      let (x, y, z) = (pun(a, Double.self), pun(b, Double.self), pun(c, Double.self))
      cblas_dgemm(
        CblasRowMajor, transA, transB, m, n, k, Double(alpha), x, lda, y, ldb, Double(beta), z,
        ldc)
    case .single:
      let (x, y, z) = (pun(a, Float.self), pun(b, Float.self), pun(c, Float.self))
      cblas_sgemm(
        CblasRowMajor, transA, transB, m, n, k, Float(alpha), x, lda, y, ldb, Float(beta), z, ldc)
    }
  }

  /// The same address seen as the element type that `S.precision` names.
  private static func pun<S, T>(_ pointer: UnsafePointer<S>, _: T.Type) -> UnsafePointer<T> {
    UnsafeRawPointer(pointer).assumingMemoryBound(to: T.self)
  }

  private static func pun<S, T>(_ pointer: UnsafeMutablePointer<S>, _: T.Type)
    -> UnsafeMutablePointer<T>
  {
    UnsafeMutableRawPointer(pointer).assumingMemoryBound(to: T.self)
  }
}
