import Builtins
import Testing

/// Factor models and networks of the same data.
@Suite struct FactorNetworkTests {
  /// A layer of pairs finds what alternating least squares find.
  @Test func aFactorModelAsALayerIsAsGoodAsOneOfItsOwn() {
    let shown = Transcript.of(
      """
      seed(3)
      truth = 3 + randn(40, 2) * randn(2, 30) .+ randn(40, 1) .+ randn(1, 30)
      known = rand(40, 30) < 0.6
      place = find(known)' - 1
      table = [floor(place / 30) + 1, mod(place, 30) + 1, truth[known]]
      (a, b) = split(table, fraction=0.8, seed=1)
      m = mf(ratings(a), rank=2, l2=0.02, seed=1)
      net = train(input(2) |> mf_layer(40, 30, 2), a[:, 1:2], a[:, 3], epochs=150, optimizer=adam(0.02), seed=1)
      off = sqrt(mean((predict(net, b[:, 1:2]) - b[:, 3]) .^ 2))
      {rmse(m, ratings(b)) < 0.25, off < 1.5 * rmse(m, ratings(b))}
      """)
    #expect(shown == "{true, true}")
  }

  /// The first layer gives the codes of the model, as near as one product can.
  @Test func aNetworkStartsWhereItsModelIs() {
    let shown = Transcript.of(
      """
      X = data("digits").X[1:300, :]
      m = nmf(X, 8, seed=1)
      net = network(m, seed=1)
      codes = predict(net, X)
      {corr(reshape(codes, 2400, 1), reshape(m.W, 2400, 1)) > 0.7, min(net.W1) >= 0, net.parameters}
      """)
    #expect(shown == "{true, true, 520}")
  }

  @Test func aDeepFactorizationIsABetterStartThanChance() {
    let shown = Transcript.of(
      """
      digits = data("digits")
      (X, y) = {digits.X[1:600, :], digits.y[1:600]}
      start = network(deep_nmf(X, {24, 12}, iterations=30, seed=1), seed=1) |> dense(10, softmax)
      chance = input(64, seed=1) |> dense(24, relu, nonnegative=true) |> dense(12, relu, nonnegative=true) |> dense(10, softmax)
      few(net) = accuracy(train(net, X, y, epochs=5, optimizer=adam(0.005), seed=1), X, y)
      {few(start) > few(chance), min(train(start, X, y, epochs=2, seed=1).W2) >= 0}
      """)
    #expect(shown == "{true, true}")
  }
}
