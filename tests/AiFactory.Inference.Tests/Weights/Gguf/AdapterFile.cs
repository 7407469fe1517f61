using AiFactory.ModelGenerator.Gguf;

namespace AiFactory.Inference.Tests.Weights.Gguf;

/// <summary>An adapter of any tensors, for what the generator does not write.</summary>
internal static class AdapterFile
{
    public static GgufWriter Of(string architecture, params (string Name, long[] Dimensions)[] tensors)
    {
        var writer = new GgufWriter()
            .Add("general.architecture", architecture)
            .Add("general.type", "adapter")
            .Add("general.name", "by-hand")
            .Add("general.tags", ["lora"])
            .Add("general.file_type", 0u)
            .Add("adapter.type", "lora")
            .Add("adapter.lora.alpha", 8f);
        foreach (var (name, dimensions) in tensors)
        {
            var rows = dimensions.Skip(1).Aggregate(1L, (product, dimension) => product * dimension);
            writer.Add(new GgufTensor(name, GgufTensorType.F32, dimensions, Enumerable.Range(0, (int)rows).Select(row => (ReadOnlyMemory<float>)Row(row, dimensions[0]))));
        }

        return writer;
    }

    public static (string, long[])[] Pair(string name, long[] a, long[] b) => [($"{name}.lora_a", a), ($"{name}.lora_b", b)];

    public static void Write(GgufWriter adapter, string path)
    {
        using var file = File.Create(path);
        adapter.WriteTo(file);
    }

    private static float[] Row(int row, long length) => [.. Enumerable.Range(0, (int)length).Select(column => MathF.Sin((row * 7) + column) * 0.1f)];
}
