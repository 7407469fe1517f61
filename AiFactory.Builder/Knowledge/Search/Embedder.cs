using System.Numerics.Tensors;
using AiFactory.Builder.Knowledge.Parsing;
using AiFactory.Builder.Models;

namespace AiFactory.Builder.Knowledge.Search;

/// <summary>Texts as vectors of unit length, so that a dot product is the cosine.</summary>
internal sealed class Embedder(ModelGateway gateway)
{
    /// <summary>One vector for each text.</summary>
    /// <exception cref="ModelCallException">The model did not answer, or refused.</exception>
    /// <exception cref="DocumentException">The model's answer is no vector.</exception>
    internal async Task<IReadOnlyList<float[]>> EmbedAsync(string project, string model, IReadOnlyList<string> texts, CancellationToken cancellationToken)
    {
        var embeddings = await gateway.EmbedAsync(project, model, texts, cancellationToken);
        foreach (var vector in embeddings.Vectors)
        {
            Normalize(model, vector);
        }

        return embeddings.Vectors;
    }

    private static void Normalize(string model, float[] vector)
    {
        var norm = TensorPrimitives.Norm<float>(vector);
        if (vector.Length == 0 || !float.IsFinite(norm))
        {
            throw new DocumentException($"The model '{model}' gave a vector with numbers that are not finite, or with none.");
        }

        // A text without a meaning to the model stays zero: it is like nothing.
        if (norm > 0)
        {
            TensorPrimitives.Divide(vector, norm, vector);
        }
    }
}
