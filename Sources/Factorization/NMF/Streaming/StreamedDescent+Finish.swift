import Matrices
import Training
import Vocabulary

extension StreamedDescent {
  /// The result after the last pass: one more look at the rows for their best codes, the residual and
  /// how far the conditions of a solution are from holding.
  mutating func finish() throws -> NMFProcess.Finish {
    var factors = takeFactors()
    if options.isScaleFree && options.start != .given { factors.balance() }
    if options.partsSumToOne { factors.normalizeParts() }
    let (ht, hGram) = (factors.ht, factors.ht.gram)
    let (wTerms, hTerms) = (options.terms.w, options.terms.h)
    let k = options.rank
    var w = factors.w
    factors.w = .zeros(0, 0)
    var residual = 0.0
    var (gram, cross) = (Matrix.zeros(k, k), Matrix.zeros(ht.rows, k))
    var moves = [Double](repeating: 0, count: k)
    var sizes = moves
    let codes = NMFCodes(ht, options)
    try rows.forEachBlock { range, block in
      var own = w.rows(in: range)
      if !advances.isEmpty || options.start != .given {
        own = codes.polished(own, Observations(block, rank: k))
        w.put(own, at: range.lowerBound)
      }
      let slope = (above: block * ht, below: own * hGram)
      let goal = Observations.target(of: own, slope, ht, wTerms, .frobenius)
      for (r, move) in goal.squaredDistances(from: own).enumerated() { moves[r] += move }
      for (r, size) in own.reduced(.sumOfSquares, along: .rows).elements.enumerated() {
        sizes[r] += size
      }
      gram.add(own.gram.converted(to: .double))
      cross.add((block.transposed * own).converted(to: .double))
      var rest = block
      Matrix.product(own, ht.transposed, into: &rest, scale: -1, keep: 1)
      residual += rest.sumOfSquares
    }
    factors.w = w
    let parts = ht.converted(to: .double)
    let goal = Observations.target(
      of: parts, (above: cross, below: parts * gram), w, hTerms, .frobenius)
    let ofW = DescentReport(firstChange: moves, squares: sizes).largestChange
    return NMFProcess.Finish(
      factors: factors, options: options, choice: choice, revived: 0, loss: residual / 2,
      residual: residual,
      explained: census.explained(residual: residual, rows: rows.shape.rows),
      optimality: wTerms.rowsSumToOne ? .nan : max(ofW, goal.change(from: parts)),
      extras: Record())
  }
}
