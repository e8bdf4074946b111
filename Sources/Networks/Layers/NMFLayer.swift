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
  let features: Int
  let positions: Int

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

  /// The codes are what it gives, where going back needs no more.
  var keepsCodes: Bool { isReconstruction || rounds > 1 }
  package var keptColumns: Int { keepsCodes ? rounds * positions * components : 0 }
  package var preparedCount: Int { Block.preparedCodes(components) }

  /// Places that are worked on at once: about as many as stay in a cache with all that is computed
  /// of them.
  private var group: Int { max(64, (1 << 16) / (2 * features + 4 * components) & ~31) }

  package func scratch(rows: Int) -> Int {
    let places = min(rows * positions, group)
    return places * (features + 2 * components) + components * components
      + Block.codesScratch(components)
  }

  /// The memory of some places: `a` is what comes in, `h` its codes.
  struct Group {
    var a: Block
    var y: Block
    var trace: Block
    var h: Block
    var targets: Block
    var slopes: Block
    var rest: Block
    var scratch: Block
    var range: Range<Int>
  }

  /// Calls `body` for all places, group by group, with a k×k block that is the same for all.
  func groups(_ pass: Pass, _ body: (Group, _ couplings: Block) -> Void) {
    let places = pass.x.rows * positions
    let most = min(places, group)
    var stretch = Stretch(pass.scratch)
    let targets = stretch.take(most, components)
    let slopes = stretch.take(most, components)
    let rest = stretch.take(most, features)
    let couplings = stretch.take(components, components)
    let scratch = stretch.take(1, Block.codesScratch(components))
    let (x, y) = (
      pass.x.reshaped(places, features),
      pass.y.reshaped(places, isReconstruction ? features : components)
    )
    let kept = keepsCodes ? codes(pass, places) : y
    for first in stride(from: 0, to: places, by: group) {
      let range = first..<min(first + group, places)
      let own = 0..<range.count
      let trace = kept.rows(in: rounds * range.lowerBound..<rounds * range.upperBound)
      body(
        Group(
          a: x.rows(in: range), y: y.rows(in: range), trace: trace,
          h: trace.rows(in: (rounds - 1) * range.count..<rounds * range.count),
          targets: targets.rows(in: own), slopes: slopes.rows(in: own), rest: rest.rows(in: own),
          scratch: scratch, range: range), couplings)
    }
  }

  /// The codes of all rounds, with which the memory of these places begins.
  private func codes(_ pass: Pass, _ places: Int) -> Block {
    pass.kept.reshaped(1, pass.kept.count)
      .columns(in: 0..<rounds * places * components).packed(rounds * places, components)
  }

  package func initialParameters(_ random: inout Random) -> Matrix {
    rules.allowed(start ?? random.uniform(features, components))
  }

  package func prepare(_ part: Int, of parameters: Block, into prepared: Block) {
    prepared.prepareCodes(parameters, ridge: l2)
  }

  package func forward(_ pass: Pass) {
    groups(pass) { group, _ in
      Block.product(group.a, pass.parameters, into: group.targets)
      group.targets.encode(
        prepared: pass.prepared, l1: l1, sweeps: sweeps, trace: group.trace,
        scratch: group.scratch)
      if isReconstruction {
        Block.product(group.h, pass.parameters, transposing: .right, into: group.y)
      } else if keepsCodes {
        group.y.copy(from: group.h)
      }
    }
  }

  package func backward(_ pass: Pass, dy: Block, dx: Block?, gradient: Block?) -> Double {
    guard let gradient else { return 0 }
    gradient.fill(0)
    let places = pass.x.rows * positions
    let dictionary = pass.parameters
    let dy = dy.reshaped(places, isReconstruction ? features : components)
    let dx = dx?.reshaped(places, features)
    let share = share(pass)
    var loss = 0.0
    var sums: Block?
    groups(pass) { group, couplings in
      if sums == nil { couplings.fill(0) }
      sums = couplings
      let (h, rest, slopes) = (group.h, group.rest, group.slopes)
      let own = dy.rows(in: group.range)
      loss += findSlopes(group, own, pass)
      if isReconstruction {
        Block.product(own, h, transposing: .left, adding: true, into: gradient)
      }
      if way == .implicit {
        slopes.solveActive(codes: h, prepared: pass.prepared, scratch: group.scratch)
        Block.product(slopes, h, transposing: .left, scale: -1, adding: true, into: couplings)
        goBack(slopes, group, pass, dx)
        // r vᵀ, and − share · r hᵀ of the loss.
        slopes.add(h, times: -share)
        Block.product(rest, slopes, transposing: .left, adding: true, into: gradient)
        return
      }
      if weight > 0 {
        Block.product(rest, h, transposing: .left, scale: -share, adding: true, into: gradient)
      }
      group.targets.fill(0)
      slopes.unrollCodes(
        trace: group.trace, prepared: pass.prepared, targets: group.targets, couplings: couplings,
        fromZero: way == .unroll || sweeps == 1, scratch: group.scratch)
      Block.product(group.a, group.targets, transposing: .left, adding: true, into: gradient)
      goBack(group.targets, group, pass, dx)
    }
    // What all places have to say of the products of two columns of D.
    if let sums {
      if way != .implicit { sums.addTranspose() }
      Block.product(dictionary, sums, adding: true, into: gradient)
    }
    return loss
  }

  /// The weight of `½‖a − D h‖²` in the derivative of the mean.
  func share(_ pass: Pass) -> Double { weight * pass.scale }

  /// The derivatives in the codes, from those in what the layer gives and its part of the loss, which
  /// it returns. Leaves what the codes do not describe where that is needed.
  func findSlopes(_ group: Group, _ own: Block, _ pass: Pass) -> Double {
    let (dictionary, rest, slopes) = (pass.parameters, group.rest, group.slopes)
    if isReconstruction {
      Block.product(own, dictionary, into: slopes)
    } else {
      slopes.copy(from: own)
    }
    if weight > 0 || way == .implicit {
      rest.copy(from: group.a)
      Block.product(
        group.h, dictionary, transposing: .right, scale: -1, adding: true, into: rest)
    }
    if weight == 0 { return 0 }
    Block.product(rest, dictionary, scale: -share(pass), adding: true, into: slopes)
    return weight / 2 * rest.sumOfSquares
  }

  /// From the derivatives in `Dᵀa` to those in a.
  func goBack(_ slopes: Block, _ group: Group, _ pass: Pass, _ dx: Block?) {
    guard let into = dx?.rows(in: group.range) else { return }
    Block.product(slopes, pass.parameters, transposing: .right, into: into)
    if weight > 0 { into.add(group.rest, times: weight * pass.scale) }
  }

  package func named(_ parameters: Matrix) -> [(name: String, value: Matrix)] {
    [("D", parameters)]
  }
}
