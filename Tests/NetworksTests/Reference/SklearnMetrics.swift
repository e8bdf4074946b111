import Matrices

/// Numbers of scikit-learn: see sklearn_metrics.py.
enum SklearnMetrics {
  static let counts: Matrix = Matrix([
    [12, 0, 1, 0, 0, 2],
    [1, 7, 2, 1, 0, 1],
    [0, 2, 9, 2, 0, 0],
    [0, 0, 1, 8, 0, 1],
    [1, 1, 1, 7, 0, 0],
    [0, 0, 0, 0, 0, 0],
  ])
  static let scores: [String: [String: [Double]]] = [
    "precision": [
      "macro": [0.44074074074074066],
      "micro": [0.6],
      "weighted": [0.5676455026455026],
      "none": [0.8571428571428571, 0.7, 0.6428571428571429, 0.4444444444444444, 0.0, 0.0],
    ],
    "recall": [
      "macro": [0.4792735042735042],
      "micro": [0.6],
      "weighted": [0.6],
      "none": [0.8, 0.5833333333333334, 0.6923076923076923, 0.8, 0.0, 0.0],
    ],
    "f1": [
      "macro": [0.4503408468925711],
      "micro": [0.6],
      "weighted": [0.5738518186794048],
      "none": [
        0.8275862068965517, 0.6363636363636364, 0.6666666666666666, 0.5714285714285714, 0.0, 0.0,
      ],
    ],
  ]
  static let accuracy: Double = 0.6
}
