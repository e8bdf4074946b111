import Autodiff
import Matrices

/// A non-negative dictionary within a network: every row (moment, pixel) a of the input is coded as
/// `h = argmin_{h ≥ 0} ½‖a − D h‖² + l1 Σh + ½ l2 ‖h‖²` by sweeps of coordinate descent, and h (or
/// D h) goes on. D is trained with the network; every step leads it back to D ≥ 0 with columns of
/// length 1.
///
/// Three ways back:
/// - implicit: through the conditions of the minimum. With S the components in use, `v = G_SS⁻¹ g_S`,
///   `da = D_S v` and `dD = r vᵀ − (D v) hᵀ`, r = a − D h;
/// - onestep: through the last sweep alone (Geng et al., ICLR 2021);
/// - unroll: through all sweeps (Hershey et al. 2014).
package struct NMFLayer: Layer {
  package enum Way: String, Sendable, CaseIterable { case implicit, onestep, unroll }

  package let input: Geometry
  package let output: Geometry
  package let components: Int
  package let sweeps: Int
  package let way: Way
  /// Whether it gives D h in place of h.
  package let isReconstruction: Bool
  /// The weight of `½‖a − D h‖²` of every row in the loss.
  package let weight: Double
  package let l1: Double
  package let l2: Double
  /// What the dictionary starts with, where given.
  private let start: Matrix?
  /// Whether it starts with the factorization of the first activations.
  package let startsFromData: Bool
  private let features: Int
  private let positions: Int

  package init(
    input: Geometry, components: Int, sweeps: Int, way: Way = .implicit,
    isReconstruction: Bool = false, weight: Double = 0, l1: Double = 0, l2: Double = 1e-6,
    start: Matrix? = nil, startsFromData: Bool = false
  ) {
    self.input = input
    self.components = components
    self.sweeps = sweeps
    self.way = way
    self.isReconstruction = isReconstruction
    self.weight = weight
    self.l1 = l1
    self.l2 = l2
    self.start = start
    self.startsFromData = startsFromData
    features = input.features
    positions = input.positions
    output =
      isReconstruction ? input : Geometry(sizes: Array(input.sizes.dropLast()) + [components])
  }

  package var title: String {
    "nmf_layer \(components)" + (isReconstruction ? " reconstruction" : "")
      + (way == .implicit ? "" : " \(way.rawValue)")
  }

  package var parameterShape: Shape { Shape(features, components) }
  package var gradientPlan: GradientPlan { .byRows }
  package var weightRows: Range<Int> { 0..<features }
  package var rules: WeightRules { WeightRules(constraint: .parts) }
  package var work: Int { positions * components * (features + sweeps * components) }

  /// Rounds of codes that going back needs.
  private var rounds: Int {
    switch way {
    case .implicit: 1
    case .onestep: min(sweeps, 2)
    case .unroll: sweeps
    }
  }

  package var keptColumns: Int { rounds * positions * components }
  package var preparedCount: Int { Block.preparedCodes(components) }

  package func scratch(rows: Int) -> Int {
    let places = rows * positions
    return 2 * places * components + 2 * places * features + 2 * components * components
      + Block.codesScratch(components)
  }

  private struct Room {
    var targets: Block
    var slopes: Block
    var rest: Block
    var explained: Block
    var couplings: Block
    var scratch: Block
  }

  private func room(_ pass: Pass) -> Room {
    let places = pass.x.rows * positions
    var stretch = Stretch(pass.scratch)
    return Room(
      targets: stretch.take(places, components), slopes: stretch.take(places, components),
      rest: stretch.take(places, features), explained: stretch.take(places, features),
      couplings: stretch.take(components, components),
      scratch: stretch.take(1, Block.codesScratch(components)))
  }

  package func initialParameters(_ random: inout Random) -> Matrix {
    rules.allowed(start ?? random.uniform(features, components))
  }

  package func prepare(_ parameters: Block, into prepared: Block) {
    prepared.prepareCodes(parameters, ridge: l2)
  }

  private func trace(_ pass: Pass) -> Block {
    pass.kept.reshaped(rounds * pass.x.rows * positions, components)
  }

  /// The codes that came out.
  private func codes(_ pass: Pass) -> Block {
    let places = pass.x.rows * positions
    return trace(pass).rows(in: (rounds - 1) * places..<rounds * places)
  }

  package func forward(_ pass: Pass) {
    let room = room(pass)
    let places = pass.x.rows * positions
    Block.product(
      pass.x.reshaped(places, features), pass.parameters, into: room.targets)
    room.targets.encode(
      prepared: pass.prepared, l1: l1, sweeps: sweeps, trace: trace(pass), scratch: room.scratch)
    if isReconstruction {
      Block.product(
        codes(pass), pass.parameters, transposing: .right,
        into: pass.y.reshaped(places, features))
    } else {
      pass.y.reshaped(places, components).copy(from: codes(pass))
    }
  }

  package func backward(_ pass: Pass, dy: Block, dx: Block?, gradient: Block?) -> Double {
    guard let gradient else { return 0 }
    let room = room(pass)
    let places = pass.x.rows * positions
    let (a, h, dictionary) = (pass.x.reshaped(places, features), codes(pass), pass.parameters)
    let slopes = room.slopes
    gradient.fill(0)
    if isReconstruction {
      let wide = dy.reshaped(places, features)
      Block.product(wide, dictionary, into: slopes)
      Block.product(wide, h, transposing: .left, into: gradient)
    } else {
      slopes.copy(from: dy.reshaped(places, components))
    }
    var loss = 0.0
    if weight > 0 || way == .implicit {
      Block.product(h, dictionary, transposing: .right, into: room.rest)
      room.rest.scale(by: -1)
      room.rest.add(a)
    }
    if weight > 0 {
      loss = weight / 2 * room.rest.sumOfSquares
      let share = weight * pass.scale
      Block.product(room.rest, dictionary, into: room.targets)
      slopes.add(room.targets, times: -share)
      // The product of both needs the factor too: the targets are not needed any more.
      room.targets.copy(from: h)
      room.targets.scale(by: -share)
      Block.product(room.rest, room.targets, transposing: .left, adding: true, into: gradient)
    }
    if way == .implicit {
      slopes.solveActive(codes: h, prepared: pass.prepared, scratch: room.scratch)
      Block.product(room.rest, slopes, transposing: .left, adding: true, into: gradient)
      Block.product(slopes, dictionary, transposing: .right, into: room.explained)
      room.targets.copy(from: h)
      room.targets.scale(by: -1)
      Block.product(
        room.explained, room.targets, transposing: .left, adding: true, into: gradient)
    } else {
      room.targets.fill(0)
      room.couplings.fill(0)
      slopes.unrollCodes(
        trace: trace(pass), prepared: pass.prepared, targets: room.targets,
        couplings: room.couplings, fromZero: way == .unroll || sweeps == 1, scratch: room.scratch)
      room.couplings.addTranspose()
      Block.product(dictionary, room.couplings, adding: true, into: gradient)
      Block.product(a, room.targets, transposing: .left, adding: true, into: gradient)
      Block.product(room.targets, dictionary, transposing: .right, into: room.explained)
    }
    if let dx {
      let into = dx.reshaped(places, features)
      into.copy(from: room.explained)
      if weight > 0 { into.add(room.rest, times: weight * pass.scale) }
    }
    return loss
  }

  package func named(_ parameters: Matrix) -> [(name: String, value: Matrix)] {
    [("D", parameters)]
  }
}
