using System.Numerics.Tensors;
using AiFactory.Inference.Native;

namespace AiFactory.Inference.Tests.Beside;

/// <summary>By how much llama.cpp's log probabilities differ when the same tokens are computed in batches of other sizes.</summary>
internal static class BatchRounding
{
    private const int Largest = 128;
    private static readonly int[] s_sizes = [16, 32, Largest];

    public static double Measure(LlamaModel model, IReadOnlyList<int[]> prompts)
    {
        using var context = LlamaContext.Open(model, new LlamaContextOptions(512, Largest, Largest, Sequences: 1, Threads: 1, Poll: 0, Embeddings: false, UnifiedCache: false));
        var largest = 0f;
        foreach (var prompt in prompts)
        {
            var single = Compute(context, model, prompt, 1);
            foreach (var size in s_sizes)
            {
                foreach (var (one, other) in single.Zip(Compute(context, model, prompt, size)))
                {
                    var difference = new float[one.Length];
                    TensorPrimitives.Subtract(one, other, difference);
                    largest = Math.Max(largest, Math.Abs(TensorPrimitives.MaxMagnitude<float>(difference)));
                }
            }
        }

        return largest;
    }

    /// <summary>The log probabilities behind each token. Shape: [token][vocabulary].</summary>
    private static List<float[]> Compute(LlamaContext context, LlamaModel model, int[] prompt, int size)
    {
        var places = new List<float[]>();
        var batch = new LlamaBatchBuffer(size);
        context.RemoveSequence(0);
        foreach (var part in prompt.Chunk(size))
        {
            batch.Clear();
            foreach (var token in part)
            {
                batch.Add(token, places.Count + batch.Count, 0, output: true);
            }

            context.Decode(batch).ShouldBe(LlamaDecodeResult.Done);
            for (var i = 0; i < part.Length; i++)
            {
                var logits = LlamaLogits.Of(context, batch, i, model.VocabularySize).ToArray();
                var max = logits.Max();
                var all = max + MathF.Log(logits.Sum(logit => MathF.Exp(logit - max)));
                TensorPrimitives.Subtract(logits, all, logits);
                places.Add(logits);
            }
        }

        return places;
    }
}
