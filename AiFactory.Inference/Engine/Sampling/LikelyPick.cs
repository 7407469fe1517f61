using System.Numerics.Tensors;

namespace AiFactory.Inference.Engine.Sampling;

/// <summary>
/// Looks for a token that a grammar allows among the few that the model finds most probable: inside a text nearly all are allowed, and to walk through all of 128,000 takes tens of milliseconds
/// in which every answer waits.
/// </summary>
internal static class LikelyPick
{
    /// <summary>Together they cost a hundredth of a walk.</summary>
    private const int MostTries = 24;

    /// <summary>
    /// Chooses anew, as if what was refused had no probability. The most probable token that is allowed is that of a walk, and without filters tokens come as often as after one;
    /// top k and min p leave no token that they would not leave of those allowed.
    /// </summary>
    /// <param name="refused">The choice that was refused.</param>
    /// <param name="scratch">A copy of <paramref name="logits"/>, of their length; it is written to.</param>
    /// <returns>Null when none of some choices was allowed.</returns>
    /// <exception cref="Grammars.GrammarOverloadException"/>
    public static int? Find(TokenPicker picker, ITokenConstraint constraint, ReadOnlySpan<float> logits, int refused, Span<float> scratch)
    {
        logits.CopyTo(scratch);
        for (var i = 0; i < MostTries; i++)
        {
            scratch[refused] = float.NegativeInfinity;
            if (float.IsNegativeInfinity(TensorPrimitives.Max<float>(scratch)))
            {
                return null;
            }

            refused = picker.Pick(scratch);
            if (constraint.Allows(refused))
            {
                return refused;
            }
        }

        return null;
    }
}
