import Vocabulary

/// The builtins that factorize matrices.
package enum FactorizationLibrary {
  package static let builtins: [Builtin] = [
    nmf, rankScan, consensus, deepNMF, jointNMF, mf, ratings, foldIn, recommend, isKnown, ranking,
    similar, publish, error, top, rmse, mae,
  ]
}
