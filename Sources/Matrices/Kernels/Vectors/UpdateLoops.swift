import KernelTables

/// Steps of optimizers in one pass over the parameters.
extension Kernels {
  static func adam<S: VectorScalar>(
    _ x: UnsafeMutablePointer<S>, _ g: UnsafePointer<S>, _ m: UnsafeMutablePointer<S>,
    _ v: UnsafeMutablePointer<S>, _ count: Int, _ by: AdamStep
  ) {
    let (keepMean, takeMean) = (S.Vector(repeating: S(by.keepMean)), S(by.takeMean))
    let (keepSquare, takeSquare) = (S.Vector(repeating: S(by.keepSquare)), S(by.takeSquare))
    let (step, root) = (S(by.step), S.Vector(repeating: S(by.root)))
    let floor = S.Vector(repeating: S(by.floor))
    var i = 0
    while i < count {
      let lanes = min(S.Vector.scalarCount, count - i)
      let slope = loadPart(g, i, lanes)
      let mean = (takeMean * slope)
        .addingProduct(keepMean, loadPart(UnsafePointer(m), i, lanes))
      let square = (takeSquare * slope * slope)
        .addingProduct(keepSquare, loadPart(UnsafePointer(v), i, lanes))
      storePart(mean, m, i, lanes)
      storePart(square, v, i, lanes)
      let size = floor.addingProduct(root, square.squareRoot())
      storePart(loadPart(UnsafePointer(x), i, lanes) - step * mean / size, x, i, lanes)
      i += lanes
    }
  }
}
