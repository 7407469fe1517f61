namespace AiFactory.ModelGenerator.Models;

/// <summary>
/// Random weights, the same on every machine: SplitMix64 (https://prng.di.unimi.it/splitmix64.c) and sums of uniforms, no transcendental functions.
/// A tensor's values are made while they are read, row by row in one buffer, each time the same: a file larger than the memory can be written.
/// Each row has a random scale of its own, so that no two rows give tied logits.
/// </summary>
internal sealed class SeededWeights(ulong seed)
{
    private const ulong Step = 0x9E3779B97F4A7C15;
    private const int UniformsOfNormal = 12;

    private ulong _state = seed;

    /// <summary>A matrix of <c>[rows, columns]</c>; <paramref name="rowScale"/> multiplies a row by what its index is given.</summary>
    public IEnumerable<ReadOnlyMemory<float>> Matrix(int rows, int columns, float deviation, Func<int, float>? rowScale = null)
    {
        var numbers = Take((long)rows * (1 + ((long)columns * UniformsOfNormal)));
        return Rows();

        IEnumerable<ReadOnlyMemory<float>> Rows()
        {
            var stream = new Numbers(numbers);
            var values = new float[columns];
            for (var row = 0; row < rows; row++)
            {
                var scale = deviation * (0.75f + (0.5f * (float)stream.NextUniform())) * (rowScale?.Invoke(row) ?? 1f);
                for (var column = 0; column < columns; column++)
                {
                    values[column] = scale * stream.NextNormal();
                }

                yield return values;
            }
        }
    }

    /// <summary>One row.</summary>
    public IEnumerable<ReadOnlyMemory<float>> Vector(int length, float mean, float deviation)
    {
        var numbers = Take((long)length * UniformsOfNormal);
        return Rows();

        IEnumerable<ReadOnlyMemory<float>> Rows()
        {
            var stream = new Numbers(numbers);
            var values = new float[length];
            for (var i = 0; i < length; i++)
            {
                values[i] = mean + (deviation * stream.NextNormal());
            }

            yield return values;
        }
    }

    /// <summary>SplitMix64's state is a sum, so that what a tensor takes can be skipped at once.</summary>
    private ulong Take(long uniforms)
    {
        var state = _state;
        _state = unchecked(_state + ((ulong)uniforms * Step));
        return state;
    }

    private sealed class Numbers(ulong state)
    {
        private ulong _state = state;

        /// <summary>The sum of twelve uniforms less six: mean 0, deviation 1.</summary>
        public float NextNormal()
        {
            var sum = -6.0;
            for (var i = 0; i < UniformsOfNormal; i++)
            {
                sum += NextUniform();
            }

            return (float)sum;
        }

        public double NextUniform()
        {
            _state = unchecked(_state + Step);
            var z = _state;
            z = unchecked((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9);
            z = unchecked((z ^ (z >> 27)) * 0x94D049BB133111EB);
            z ^= z >> 31;
            return (z >> 11) * (1.0 / (1UL << 53));
        }
    }
}
