/// The kernels of one precision as pointers to functions. All of them work on the calling thread and
/// on memory of the caller; the bits of elementwise results do not depend on which table is chosen.
package struct KernelTable<S>: Sendable {
  /// A function of every element: where they are, where the results go (the same place is allowed),
  /// and how many there are.
  package typealias Mapper = @Sendable (UnsafePointer<S>, UnsafeMutablePointer<S>, Int) -> Void

  package let exp: Mapper
  package let log: Mapper
  package let tanh: Mapper
  package let sigmoid: Mapper

  /// Softmax of rows without gaps: source, target, rows, columns.
  package let softmax: @Sendable (UnsafePointer<S>, UnsafeMutablePointer<S>, Int, Int) -> Void

  /// `z ← f(z + bias)` for rows and columns of z, with nothing added where there is no bias.
  package let activate: @Sendable (Curve, Plane<S>, UnsafePointer<S>?, Int, Int) -> Void

  /// `d ← d · f′` for the outputs y and the inputs z, in this order; only silu looks at z.
  package let pullBack: @Sendable (Curve, Plane<S>, Plane<S>, Plane<S>, Int, Int) -> Void

  package let multiply: @Sendable (Product<S>) -> Void

  /// `C ← f(A·Bᵀ + bias)` for rows without gaps and up to `Product.fewRows` rows of Bᵀ; neither
  /// scaled nor added.
  package let multiplyByFewRows: @Sendable (Product<S>) -> Void

  /// Rows of a factor, their targets and how far apart these lie, how many rows there are, room for
  /// `Descent.room` numbers, and k sums of changes and k of squares that are added to.
  package let descend:
    @Sendable (
      Descent<S>, UnsafeMutablePointer<S>, UnsafePointer<S>, Int, Int, UnsafeMutablePointer<S>,
      UnsafeMutablePointer<Double>
    ) -> Void

  /// A moment of a recurrent layer or its way back, for some rows and units.
  package let gates: Gates<S>

  /// One padded image, filters laid out in rows of whole vectors (the last row is the bias), where
  /// the results go, the filters, and whether negative results become 0.
  package let convolve:
    @Sendable (UnsafePointer<S>, UnsafePointer<S>, UnsafeMutablePointer<S>, Int, Sliding, Bool)
      -> Void

  /// One padded image, the derivative in its convolution, outputs above 0 where alone it counts, and
  /// the gradient that is added to.
  package let addFilterGradient:
    @Sendable (
      UnsafePointer<S>, UnsafePointer<S>, UnsafePointer<S>?, Plane<S>, Int, Sliding
    ) -> Void

  /// Parameters, gradient, mean and square of so many numbers.
  package let adam:
    @Sendable (
      UnsafeMutablePointer<S>, UnsafePointer<S>, UnsafeMutablePointer<S>, UnsafeMutablePointer<S>,
      Int, AdamStep
    ) -> Void

  /// Moves a line of an implicit factorization so many steps closer to its minimum.
  package let approachImplicit: @Sendable (ImplicitLine<S>, Int) -> Void

  /// What the entries of such a line add to the loss, beyond that of all pairs.
  package let implicitLoss: @Sendable (ImplicitLine<S>) -> Double

  /// Moves a line of explicit ratings so many steps closer to its minimum; returns the squares of what
  /// is left of its entries where that is asked for.
  package let approachRidge: @Sendable (RidgeLine<S>, Int, Bool) -> Double

  /// Adds rows of a factor, weighted with the elements of lines of a sparse matrix.
  package let gather: @Sendable (GatheredLines<S>) -> Void

  /// Adds rows of a factor, weighted with numbers of which a map tells where they are not 0.
  package let addMapped: @Sendable (MappedLines<S>) -> Void

  /// The codes of rows, and derivatives through them.
  package let codes: Codes<S>

  package init(
    exp: @escaping Mapper, log: @escaping Mapper, tanh: @escaping Mapper,
    sigmoid: @escaping Mapper,
    softmax: @escaping @Sendable (UnsafePointer<S>, UnsafeMutablePointer<S>, Int, Int) -> Void,
    activate: @escaping @Sendable (Curve, Plane<S>, UnsafePointer<S>?, Int, Int) -> Void,
    pullBack: @escaping @Sendable (Curve, Plane<S>, Plane<S>, Plane<S>, Int, Int) -> Void,
    multiply: @escaping @Sendable (Product<S>) -> Void,
    multiplyByFewRows: @escaping @Sendable (Product<S>) -> Void,
    descend:
      @escaping @Sendable (
        Descent<S>, UnsafeMutablePointer<S>, UnsafePointer<S>, Int, Int, UnsafeMutablePointer<S>,
        UnsafeMutablePointer<Double>
      ) -> Void,
    gates: Gates<S>,
    convolve:
      @escaping @Sendable (
        UnsafePointer<S>, UnsafePointer<S>, UnsafeMutablePointer<S>, Int, Sliding, Bool
      ) -> Void,
    addFilterGradient:
      @escaping @Sendable (
        UnsafePointer<S>, UnsafePointer<S>, UnsafePointer<S>?, Plane<S>, Int, Sliding
      ) -> Void,
    adam:
      @escaping @Sendable (
        UnsafeMutablePointer<S>, UnsafePointer<S>, UnsafeMutablePointer<S>,
        UnsafeMutablePointer<S>, Int, AdamStep
      ) -> Void,
    approachImplicit: @escaping @Sendable (ImplicitLine<S>, Int) -> Void,
    implicitLoss: @escaping @Sendable (ImplicitLine<S>) -> Double,
    approachRidge: @escaping @Sendable (RidgeLine<S>, Int, Bool) -> Double,
    gather: @escaping @Sendable (GatheredLines<S>) -> Void,
    addMapped: @escaping @Sendable (MappedLines<S>) -> Void,
    codes: Codes<S>
  ) {
    self.exp = exp
    self.log = log
    self.tanh = tanh
    self.sigmoid = sigmoid
    self.softmax = softmax
    self.activate = activate
    self.pullBack = pullBack
    self.multiply = multiply
    self.multiplyByFewRows = multiplyByFewRows
    self.descend = descend
    self.gates = gates
    self.convolve = convolve
    self.addFilterGradient = addFilterGradient
    self.adam = adam
    self.approachImplicit = approachImplicit
    self.implicitLoss = implicitLoss
    self.approachRidge = approachRidge
    self.gather = gather
    self.addMapped = addMapped
    self.codes = codes
  }
}

/// The loops over non-negative codes; what each plane is says `CodeLoops.swift`.
package struct Codes<S>: Sendable {
  /// Targets, the penalty, sweeps, and the trace of so many of the last ones.
  package typealias Finding = @Sendable (Coding<S>, Plane<S>, S, Int, Plane<S>, Int) -> Void
  /// Codes, and the derivatives in them, which become those in the targets.
  package typealias Solving = @Sendable (Coding<S>, Plane<S>, Plane<S>) -> Void

  package let find: Finding
  package let solve: Solving

  package init(find: @escaping Finding, solve: @escaping Solving) {
    self.find = find
    self.solve = solve
  }
}

/// The passes over the gates of recurrent layers; what each plane is says `GateLoops.swift`.
package struct Gates<S>: Sendable {
  package typealias OfFour = @Sendable (Plane<S>, Plane<S>, Plane<S>, Plane<S>, Int, Int) -> Void
  package typealias OfFive =
    @Sendable (Plane<S>, Plane<S>, Plane<S>, Plane<S>, Plane<S>, Int, Int) -> Void

  package let lstm: OfFive
  package let lstmGradient: OfFive
  package let gru: OfFive
  package let gruGradient: OfFour

  package init(
    lstm: @escaping OfFive, lstmGradient: @escaping OfFive, gru: @escaping OfFive,
    gruGradient: @escaping OfFour
  ) {
    self.lstm = lstm
    self.lstmGradient = lstmGradient
    self.gru = gru
    self.gruGradient = gruGradient
  }
}

/// Rows in memory that lie `stride` elements apart.
package struct Plane<S>: @unchecked Sendable {
  package let start: UnsafeMutablePointer<S>
  package let stride: Int

  package init(_ start: UnsafeMutablePointer<S>, stride: Int) {
    self.start = start
    self.stride = stride
  }
}

/// The activations that are made of vectors.
package enum Curve: UInt8, Sendable, CaseIterable {
  case linear, relu, sigmoid, tanh, softmax, leakyRelu, elu, softplus, silu
}

/// How a window slides over a padded image: in numbers, not in pixels.
package struct Sliding: Sendable {
  /// Rows of the window, and how many numbers lie together in one.
  package let rows: Int
  package let run: Int
  /// The distances of two rows of the image, of two windows in a line, and of two lines of them.
  package let pitch: Int
  package let step: Int
  package let line: Int
  /// How many windows there are in each direction.
  package let height: Int
  package let width: Int

  package init(
    rows: Int, run: Int, pitch: Int, step: Int, line: Int, height: Int, width: Int
  ) {
    (self.rows, self.run, self.pitch) = (rows, run, pitch)
    (self.step, self.line) = (step, line)
    (self.height, self.width) = (height, width)
  }
}

/// The numbers of one step of Adam: of the means the parts kept and taken, and so on.
package struct AdamStep: Sendable {
  package let keepMean: Double
  package let takeMean: Double
  package let keepSquare: Double
  package let takeSquare: Double
  package let step: Double
  package let root: Double
  package let floor: Double

  package init(
    keepMean: Double, takeMean: Double, keepSquare: Double, takeSquare: Double, step: Double,
    root: Double, floor: Double
  ) {
    (self.keepMean, self.takeMean) = (keepMean, takeMean)
    (self.keepSquare, self.takeSquare) = (keepSquare, takeSquare)
    (self.step, self.root, self.floor) = (step, root, floor)
  }
}
