using AiFactory.ModelGenerator.Gguf;

namespace AiFactory.ModelGenerator.Models;

/// <summary>A LoRA adapter with random weights for a generated chat model: to each adapted matrix it adds <c>alpha / rank * B * A</c>.</summary>
public static class LoraAdapter
{
    /// <param name="model">The model that it fits.</param>
    public static GgufWriter Create(ChatModelOptions model, LoraAdapterOptions options)
    {
        var writer = new GgufWriter()
            .Add("general.architecture", model.Architecture)
            .Add("general.type", "adapter")
            .Add("general.name", options.Name)
            .Add("general.author", "The AiFactory authors")
            .Add("general.license", "Apache-2.0")
            .Add("general.tags", ["lora", "random"])
            .Add("general.file_type", 0u)
            .Add("adapter.type", "lora")
            .Add("adapter.lora.alpha", options.Alpha);
        var weights = new SeededWeights(options.Seed);
        for (var layer = 0; layer < model.Layers; layer++)
        {
            Pair($"blk.{layer}.attn_q.weight", model.Width, model.Width);
            Pair($"blk.{layer}.attn_output.weight", model.Width, model.Width);
        }

        return writer;

        void Pair(string name, int rows, int columns)
        {
            var scale = options.Alpha > 0 ? options.Rank / options.Alpha : 1;
            Matrix($"{name}.lora_a", options.Rank, columns, 1 / MathF.Sqrt(columns));
            Matrix($"{name}.lora_b", rows, options.Rank, options.Strength * scale / MathF.Sqrt(options.Rank));
        }

        void Matrix(string name, int rows, int columns, float deviation) =>
            writer.Add(new GgufTensor(name, GgufTensorType.F32, [columns, rows], weights.Matrix(rows, columns, deviation)));
    }
}
