using System.Globalization;
using AiFactory.Inference.Native;
using AiFactory.Inference.Weights.Gguf;

namespace AiFactory.Inference.Hardware;

/// <summary>Where the layers of a model go, by what its file says of their sizes and what the devices say of their memory.</summary>
internal static class ModelPlacement
{
    /// <param name="layers">How many are to go to GPUs; null for as many as fit.</param>
    /// <returns>Null, and 0 bytes, where there is no GPU; else the placement and the bytes that leave the machine's own memory by it.</returns>
    public static (LayerPlacement? Placement, long Bytes) Of(IReadOnlyList<string> paths, LlamaMemory need, IReadOnlyList<LlamaDevice> devices, int? layers)
    {
        var gpus = devices.Where(device => device.IsGpu).ToList();
        if (gpus.Count == 0)
        {
            return (null, 0);
        }

        var (each, output) = Sizes(paths.SelectMany(path => GgufHeader.Read(path).Tensors));
        var plan = LayerPlacement.Plan(each, output, need.Cache, need.Computing, [.. gpus.Select(gpu => gpu.Free)]);
        if (layers is { } wanted)
        {
            plan = plan with { GpuLayers = wanted };
        }

        var share = (double)Math.Min(plan.GpuLayers, each.Count + 1) / (each.Count + 1);
        return (plan, (long)((need.Weights + need.Cache) * share));
    }

    /// <summary>Bytes of each block's tensors, and of those behind the last; the table of tokens stays with the processor.</summary>
    private static (IReadOnlyList<long> Layers, long Output) Sizes(IEnumerable<GgufTensor> tensors)
    {
        var layers = new SortedDictionary<int, long>();
        var output = 0L;
        foreach (var tensor in tensors)
        {
            if (tensor.Name.Split('.', 3) is ["blk", var number, _] && int.TryParse(number, CultureInfo.InvariantCulture, out var layer))
            {
                layers[layer] = layers.GetValueOrDefault(layer) + tensor.Size;
            }
            else if (tensor.Name.StartsWith("output", StringComparison.Ordinal))
            {
                output += tensor.Size;
            }
        }

        return ([.. layers.Values], output);
    }
}
