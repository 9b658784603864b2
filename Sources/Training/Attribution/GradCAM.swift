import Autograd
import Tensors

/// Grad-CAM: where the maps of a layer speak for a class.
///
///     w_k = mean over i, j of  ∂F_c / ∂A_kij,      map_ij = max(0, Σ_k w_k A_kij)
///
/// - Parameters:
///   - x: `[N, …]`
///   - classes: The class c of each example, N of them.
///   - isRectified: Whether what speaks against the class is set to 0.
///   - maps: The network as far as the layer, `[N, …]` to `[N, K, H, W]`.
///   - scores: The network from there on, `[N, K, H, W]` to logits `[N, C]`.
/// - Returns: A map for each example in the layer's own size, `[N, H, W]`.
/// - PyTorch: none; Captum's `LayerGradCam(model, layer).attribute(x, target, relu_attributions=True)`. There the maps are
///   not rectified unless one says so.
/// - Source: Selvaraju, Cogswell, Das, Vedantam, Parikh, Batra, "Grad-CAM: visual explanations from deep networks via
///   gradient-based localization", ICCV 2017.
/// - Book: section 9.4.
public func gradCAM(
  at x: Tensor, of classes: [Int], isRectified: Bool = true, maps: (Variable) -> Variable,
  scores: (Variable) -> Variable
) -> Tensor {
  let a = withoutGradients { maps(Variable(x)) }.value
  if a.rank != 4 { trap("gradCAM: the layer gives \(a.shape): maps [N, K, H, W] are needed") }
  let slopes = inputGradient(at: a, of: classes, scores: scores).gradient
  let weights = slopes.mean(axes: [2, 3], keepingAxes: true)
  let map = (weights * a).sum(axis: 1)
  return isRectified ? map.relu() : map
}
