using System.Numerics.Tensors;
using AiFactory.Inference.Native;

namespace AiFactory.Inference.Engine.Sampling;

/// <summary>
/// Chooses a token from logits as llama.cpp's chain does: the k most probable, the typical ones, those of the largest share, those near the most probable; then the temperature, and a
/// random number. Vectorised, and sorted only as far as is needed: llama.cpp's chain over 32,000 tokens takes 38 µs with a top k and 1.6 ms without.
/// </summary>
internal sealed class TokenPicker(LlamaSamplerOptions options)
{
    /// <summary>Tokens that are sorted first when there is no top k: most answers come from among them.</summary>
    private const int FirstSorted = 256;

    /// <summary>Below it the most probable token is as good as certain, and a logit divided by it may be no number.</summary>
    private const float LeastTemperature = 1e-4f;

    private ulong _random = options.Seed;

    /// <param name="logits"><c>[vocabulary]</c>; negative infinity for a token that may not be chosen. At least one may.</param>
    public int Pick(ReadOnlySpan<float> logits)
    {
        if (options.Temperature < LeastTemperature)
        {
            return TensorPrimitives.IndexOfMax(logits);
        }

        var scratch = SamplingScratch.Of(logits.Length);
        if (options is { TopK: <= 0, TopP: >= 1, MinP: <= 0, TypicalP: >= 1 })
        {
            var weights = scratch.Weights.AsSpan(0, logits.Length);
            Weigh(logits, TensorPrimitives.Max(logits), weights);
            return Draw(weights, TensorPrimitives.Sum<float>(weights));
        }

        var kept = WeighCandidates(logits, scratch);
        return scratch.Tokens[Draw(kept, TensorPrimitives.Sum<float>(kept))];
    }

    /// <summary>As <see cref="Candidates"/>, with how probable each is at the temperature.</summary>
    /// <returns>Their weights, in the order of the scratch's tokens.</returns>
    public Span<float> WeighCandidates(ReadOnlySpan<float> logits, SamplingScratch scratch)
    {
        var candidates = Candidates(logits, scratch);
        var weights = scratch.Weights.AsSpan(0, candidates);
        Weigh(scratch.Keys.AsSpan(0, candidates), scratch.Keys[0], weights);
        return weights;
    }

    /// <summary>Puts the tokens that are left to choose from into the scratch, the most probable first.</summary>
    /// <returns>How many.</returns>
    public int Candidates(ReadOnlySpan<float> logits, SamplingScratch scratch)
    {
        var all = logits.Length;
        var limit = options.TopK > 0 ? Math.Min(options.TopK, all) : all;
        var sorted = Math.Min(limit, options.TopK > 0 ? limit : options.TypicalP < 1 ? all : FirstSorted);
        while (true)
        {
            Sort(logits, sorted, scratch);
            var (left, isCertain) = Filter(logits, limit, sorted, scratch);
            if (isCertain || sorted == limit)
            {
                return left;
            }

            sorted = limit;
        }
    }

    /// <summary>Puts the first tokens in the order of their logits into the scratch, all of them when they are many.</summary>
    public static void Sort(ReadOnlySpan<float> logits, int count, SamplingScratch scratch)
    {
        var (keys, tokens) = (scratch.Keys, scratch.Tokens);
        if (count > FirstSorted)
        {
            for (var token = 0; token < logits.Length; token++)
            {
                (keys[token], tokens[token]) = (-logits[token], token);
            }

            Array.Sort(keys, tokens, 0, logits.Length);
            TensorPrimitives.Negate(keys.AsSpan(0, logits.Length), keys.AsSpan(0, logits.Length));
            return;
        }

        // Few: each token is compared with the least of those kept, and almost none is larger.
        var kept = 0;
        var least = float.NegativeInfinity;
        for (var token = 0; token < logits.Length; token++)
        {
            var logit = logits[token];
            if (kept == count && logit <= least)
            {
                continue;
            }

            var place = kept < count ? kept++ : count - 1;
            for (; place > 0 && keys[place - 1] < logit; place--)
            {
                (keys[place], tokens[place]) = (keys[place - 1], tokens[place - 1]);
            }

            (keys[place], tokens[place]) = (logit, token);
            least = keys[kept - 1];
        }
    }

    /// <returns>How many tokens are left, and whether more tokens, less probable, would change nothing.</returns>
    private (int Left, bool IsCertain) Filter(ReadOnlySpan<float> logits, int limit, int sorted, SamplingScratch scratch)
    {
        var probabilities = scratch.Weights.AsSpan(0, sorted);
        var max = scratch.Keys[0];
        double total = limit > sorted ? SumOfAll(logits, max, scratch) : 0;
        TensorPrimitives.Subtract(scratch.Keys.AsSpan(0, sorted), max, probabilities);
        TensorPrimitives.Exp(probabilities, probabilities);
        var left = sorted;
        var isCertain = limit == sorted;
        if (options.TypicalP < 1)
        {
            left = KeepTypical(probabilities, scratch);
            probabilities = probabilities[..left];
        }

        total = limit > sorted ? total : TensorPrimitives.Sum<float>(probabilities);
        if (options.TopP < 1)
        {
            var sum = 0.0;
            for (var i = 0; i < left; i++)
            {
                sum += probabilities[i];
                if (sum >= options.TopP * total)
                {
                    (left, isCertain) = (i + 1, true);
                }
            }
        }

        if (options.MinP > 0)
        {
            // The most probable has the weight 1, or stood before the typical ones.
            var threshold = options.MinP * probabilities[0];
            for (var i = 1; i < left; i++)
            {
                if (probabilities[i] < threshold)
                {
                    (left, isCertain) = (i, true);
                }
            }
        }

        return (left, isCertain);
    }

    /// <summary>
    /// Those whose information is nearest to what the model expects (https://arxiv.org/abs/2202.00666), as many as have the share together; in the order of their probabilities.
    /// </summary>
    private int KeepTypical(Span<float> weights, SamplingScratch scratch)
    {
        double total = TensorPrimitives.Sum<float>(weights);
        var entropy = 0.0;
        foreach (var weight in weights)
        {
            entropy -= weight > 0 ? weight / total * Math.Log(weight / total) : 0;
        }

        var distances = new (double Distance, int Place)[weights.Length];
        for (var i = 0; i < distances.Length; i++)
        {
            distances[i] = (weights[i] > 0 ? Math.Abs(-Math.Log(weights[i] / total) - entropy) : double.PositiveInfinity, i);
        }

        Array.Sort(distances);
        var (sum, left) = (0.0, 0);
        while (left < distances.Length && sum <= options.TypicalP * total)
        {
            sum += weights[distances[left++].Place];
        }

        Array.Sort(distances, 0, left, Comparer<(double Distance, int Place)>.Create((one, other) => one.Place.CompareTo(other.Place)));
        for (var i = 0; i < left; i++)
        {
            var place = distances[i].Place;
            (scratch.Keys[i], scratch.Tokens[i], weights[i]) = (scratch.Keys[place], scratch.Tokens[place], weights[place]);
        }

        return left;
    }

    private static float SumOfAll(ReadOnlySpan<float> logits, float max, SamplingScratch scratch)
    {
        var weights = scratch.Weights.AsSpan(0, logits.Length);
        TensorPrimitives.Subtract(logits, max, weights);
        TensorPrimitives.Exp(weights, weights);
        return TensorPrimitives.Sum<float>(weights);
    }

    private void Weigh(ReadOnlySpan<float> logits, float max, Span<float> weights)
    {
        TensorPrimitives.Subtract(logits, max, weights);
        TensorPrimitives.Multiply(weights, 1 / options.Temperature, weights);
        TensorPrimitives.Exp(weights, weights);
    }

    private int Draw(ReadOnlySpan<float> weights, float total)
    {
        var rest = NextRandom() * total;
        var last = 0;
        for (var i = 0; i < weights.Length; i++)
        {
            if (weights[i] > 0)
            {
                last = i;
                rest -= weights[i];
                if (rest < 0)
                {
                    break;
                }
            }
        }

        return last;
    }

    /// <summary>From 0 to 1, 1 excluded: SplitMix64 (https://prng.di.unimi.it/splitmix64.c).</summary>
    private double NextRandom()
    {
        var mixed = _random += 0x9E3779B97F4A7C15;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return ((mixed ^ (mixed >> 31)) >> 11) * (1.0 / (1UL << 53));
    }
}
