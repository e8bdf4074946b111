import Vocabulary

/// Everything that this floor adds to the language.
package enum NetworksLibrary {
  /// All builtins: layers, optimizers, training, and what prepares data for it.
  package static let builtins: [Builtin] =
    layers.map { Builtin(remembered: $0) } + optimizers + training

  /// The same by name.
  static let library = Library(builtins)

  /// What adds a layer to a network: files keep networks as these calls.
  static let layers: [Builtin] = [
    inputBuiltin, denseBuiltin, flattenBuiltin, conv2dBuiltin, maxpool2dBuiltin, avgpool2dBuiltin,
    rnnBuiltin, gruBuiltin, lstmBuiltin, embeddingBuiltin, nmfLayerBuiltin, mfLayerBuiltin,
    batchnormBuiltin, layernormBuiltin, dropoutBuiltin, activationBuiltin, addBuiltin,
    concatBuiltin, uptoBuiltin,
  ]

  static let optimizers: [Builtin] = [
    sgdBuiltin, adamBuiltin, adamwBuiltin, rmspropBuiltin, adagradBuiltin, lbfgsBuiltin,
    stepBuiltin, cosineBuiltin, warmupBuiltin, plateauBuiltin,
  ]

  private static let training: [Builtin] = [
    trainBuiltin, augmentBuiltin, evaluateBuiltin, accuracyBuiltin,
    confusionBuiltin, precisionBuiltin, recallBuiltin, f1Builtin,
    oneHotBuiltin, splitBuiltin, standardizeBuiltin,
  ]
}
