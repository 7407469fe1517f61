namespace AiFactory.ModelGenerator.Models;

/// <summary>
/// Random weights, the same on every machine: SplitMix64 (https://prng.di.unimi.it/splitmix64.c) and sums of uniforms, no transcendental functions.
/// Each row has a random scale of its own, so that no two rows give tied logits.
/// </summary>
internal sealed class SeededWeights(ulong seed)
{
    private ulong _state = seed;

    /// <summary>A matrix of <c>[rows, columns]</c>; <paramref name="rowScale"/> multiplies a row by what its index is given.</summary>
    public float[] Matrix(int rows, int columns, float deviation, Func<int, float>? rowScale = null)
    {
        var values = new float[rows * columns];
        for (var row = 0; row < rows; row++)
        {
            var scale = deviation * (0.75f + (0.5f * (float)NextUniform())) * (rowScale?.Invoke(row) ?? 1f);
            for (var column = 0; column < columns; column++)
            {
                values[(row * columns) + column] = scale * NextNormal();
            }
        }

        return values;
    }

    public float[] Vector(int length, float mean, float deviation)
    {
        var values = new float[length];
        for (var i = 0; i < length; i++)
        {
            values[i] = mean + (deviation * NextNormal());
        }

        return values;
    }

    /// <summary>The sum of twelve uniforms less six: mean 0, deviation 1.</summary>
    private float NextNormal()
    {
        var sum = -6.0;
        for (var i = 0; i < 12; i++)
        {
            sum += NextUniform();
        }

        return (float)sum;
    }

    private double NextUniform()
    {
        _state += 0x9E3779B97F4A7C15;
        var z = _state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        z ^= z >> 31;
        return (z >> 11) * (1.0 / (1UL << 53));
    }
}
