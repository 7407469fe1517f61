// Models of random weights: every part of a real one, in a megabyte or two, for tests of what must not depend on what a model says, and a large one for measuring. The models that ship come from tools/demo-models.
using AiFactory.ModelGenerator.Gguf;
using AiFactory.ModelGenerator.Models;

var models = new Dictionary<string, Func<GgufWriter>>(StringComparer.Ordinal)
{
    ["random-chat"] = () => ChatModel.Create(new ChatModelOptions()),
    ["random-embed"] = () => EmbeddingModel.Create(new EmbeddingModelOptions()),
    ["random-experts"] = () => ChatModel.Create(new ChatModelOptions { Name = "random-experts", Experts = 4 }),
    ["random-112m"] = () => ChatModel.Create(ChatModelOptions.Large),
};

if (args is not ["generate", "--output", var directory, .. var names] || names.Except(models.Keys).Any())
{
    Console.Error.WriteLine($"Usage: dotnet run --project tools/AiFactory.ModelGenerator -- generate --output <directory> [{string.Join(" | ", models.Keys)} ...]");
    return 2;
}

Directory.CreateDirectory(directory);
foreach (var name in names.Length > 0 ? names : [.. models.Keys])
{
    var path = Path.Combine(directory, $"{name}.gguf");
    using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 1 << 20);
    models[name]().WriteTo(file);
    Console.WriteLine($"{path}: {file.Length:N0} bytes");
}

return 0;
