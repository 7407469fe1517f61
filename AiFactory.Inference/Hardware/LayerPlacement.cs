namespace AiFactory.Inference.Hardware;

/// <summary>How many layers of a model go to GPUs, and in which proportion to which.</summary>
/// <param name="GpuLayers">The last ones of the model; one more than it has means its output too.</param>
/// <param name="Split">A share for each GPU, in llama.cpp's order.</param>
internal sealed record LayerPlacement(int GpuLayers, IReadOnlyList<float> Split)
{
    /// <summary>Of a GPU's free memory: the driver's own buffers and fragments need some.</summary>
    private const double Usable = 0.92;

    /// <summary>
    /// By measured free memory: 1. each GPU keeps room for the buffers of one batch; 2. layers, the output first and then from the last to the first, go there while they fit, weights and cache together; 3. the split follows what each GPU has left.
    /// </summary>
    /// <param name="layers">Bytes of each layer's weights.</param>
    /// <param name="output">Bytes of what comes behind the last layer.</param>
    /// <param name="cache">Bytes of the cache of all layers.</param>
    /// <param name="computing">Bytes of one batch's buffers, on each GPU.</param>
    /// <param name="free">Bytes free on each GPU.</param>
    public static LayerPlacement Plan(IReadOnlyList<long> layers, long output, long cache, long computing, IReadOnlyList<long> free)
    {
        var room = free.Select(bytes => Math.Max(0, (bytes * Usable) - computing)).ToList();
        var left = room.Sum();
        if (left <= 0 || layers.Count == 0)
        {
            return new LayerPlacement(0, []);
        }

        // A layer lies on one GPU whole: of each GPU half a layer may be lost.
        var cacheOfLayer = (double)cache / layers.Count;
        left -= (room.Count - 1) * ((layers.Max() + cacheOfLayer) / 2);
        var count = 0;
        foreach (var bytes in layers.Reverse().Select(bytes => bytes + cacheOfLayer).Prepend(output))
        {
            if (bytes > left)
            {
                break;
            }

            left -= bytes;
            count++;
        }

        // The output alone is of no use: activations would travel for nothing.
        return count <= 1 ? new LayerPlacement(0, []) : new LayerPlacement(count, room.Count == 1 ? [] : [.. room.Select(bytes => (float)(bytes / room.Sum()))]);
    }
}
