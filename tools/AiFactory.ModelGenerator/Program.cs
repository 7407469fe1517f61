// Models of random weights: every part of a real one, in a megabyte or two, for tests of what must not depend on what a model says. The models that ship come from tools/demo-models.
using AiFactory.ModelGenerator.Gguf;
using AiFactory.ModelGenerator.Models;

if (args is not ["generate", "--output", var directory])
{
    Console.Error.WriteLine("Usage: dotnet run --project tools/AiFactory.ModelGenerator -- generate --output <directory>");
    return 2;
}

Directory.CreateDirectory(directory);
Write("random-chat.gguf", ChatModel.Create(new ChatModelOptions()));
Write("random-embed.gguf", EmbeddingModel.Create(new EmbeddingModelOptions()));
return 0;

void Write(string name, GgufWriter model)
{
    var path = Path.Combine(directory, name);
    using var file = File.Create(path);
    model.WriteTo(file);
    Console.WriteLine($"{path}: {file.Length:N0} bytes");
}
