using System.Text;
using AiFactory.Inference.Tests.Worker;
using AiFactory.Inference.Weights.Gguf;
using AiFactory.ModelGenerator.Gguf;
using AiFactory.ModelGenerator.Models;
using AiFactory.Testing;

namespace AiFactory.Inference.Tests.Weights.Gguf;

/// <summary>Hostile headers: refused here, or harmless to llama.cpp, which runs in a process of its own that must outlive them all.</summary>
public sealed class GgufFuzzTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly string _directory = Directory.CreateTempSubdirectory("aifactory-fuzz-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData("llama", 1_200)]
    [InlineData("qwen2", 900)]
    [InlineData("bert", 1_200)]
    [InlineData("experts", 300)]
    [InlineData("shipped", 60)]
    public Task No_header_ends_the_process_or_holds_it_up(string model, int count) => new FileFuzzer(_directory, model, "loads").RunAsync(Good(model), count);

    [Theory]
    [InlineData(0, "split.no", 3)]
    [InlineData(1, "split.no", 3)]
    [InlineData(2, "split.no", 3)]
    [InlineData(0, "split.count", 3)]
    [InlineData(0, "split.tensors.count", 4)]
    public async Task A_file_of_several_whose_numbers_have_another_type_does_not_end_the_process(int file, string key, byte type)
    {
        var path = Path.Combine(_directory, "model.gguf");
        await File.WriteAllBytesAsync(path, Good("llama"), Token);
        var parts = GgufSplitter.SplitFile(path, 3);
        using var probe = ProbeProcess.Start("loads");
        (await probe.AskAsync(string.Join('\t', parts), Patience, Token)).ShouldBe("used");

        // Of the same width, so that the type alone is another.
        var bytes = await File.ReadAllBytesAsync(parts[file], Token);
        bytes[bytes.AsSpan().IndexOf(Encoding.ASCII.GetBytes(key)) + key.Length] = type;
        await File.WriteAllBytesAsync(parts[file], bytes, Token);

        (await probe.AskAsync(string.Join('\t', parts), Patience, Token)).ShouldNotBeNull().ShouldStartWith($"refused The model is refused: '{key}' of file {file + 1} must be");
    }

    [Fact]
    public void Every_model_of_the_repository_is_accepted()
    {
        foreach (var path in Directory.EnumerateFiles(Path.Combine(RepositoryFolder.Root, "models"), "*.gguf"))
        {
            GgufRules.Check([GgufHeader.Read(path)]);
        }
    }

    private static byte[] Good(string model)
    {
        using var bytes = new MemoryStream();
        switch (model)
        {
            case "shipped":
                return File.ReadAllBytes(Path.Combine(RepositoryFolder.Root, "models", "demo-chat.gguf"));
            case "bert":
                EmbeddingModel.Create(new EmbeddingModelOptions { Width = 32, Layers = 1, Heads = 2, FeedForward = 64, ContextLength = 64 }).WriteTo(bytes);
                break;
            default:
                ChatModel.Create(new ChatModelOptions { Architecture = model == "experts" ? "llama" : model, Experts = model == "experts" ? 4 : 0, Width = 32, Layers = 2, Heads = 4, KeyValueHeads = 2, FeedForward = 64, ContextLength = 64, Merges = 64 }).WriteTo(bytes);
                break;
        }

        return bytes.ToArray();
    }
}
