using System.Globalization;
using AiFactory.Inference.Tests.Worker;
using AiFactory.ModelGenerator.Models;
using AiFactory.Testing;

namespace AiFactory.Inference.Tests.Serving;

/// <summary>What is reckoned before a load, beside what a process of its own grew by.</summary>
public sealed class MemoryEstimateTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("aifactory-memory-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData("demo-chat", "1024", "4")]
    [InlineData("demo-chat", "512", "16")]
    [InlineData("demo-embed", "encoder", "")]
    [InlineData("112m", "2048", "4")]
    [InlineData("112m", "1024", "1")]
    public async Task A_model_takes_what_was_reckoned(string model, string context, string slots)
    {
        var path = Path.Combine(RepositoryFolder.Root, "models", $"{model}.gguf");
        if (model == "112m")
        {
            path = Path.Combine(_directory, "large.gguf");
            await using var file = File.Create(path);
            ChatModel.Create(ChatModelOptions.Large).WriteTo(file);
        }

        using var probe = ProbeProcess.Start([.. ((string[])["memory", path, context, slots]).Where(argument => argument.Length > 0)]);
        var text = await probe.ReadToEndAsync(Token);
        var numbers = text.Split(' ', StringSplitOptions.TrimEntries).Select(number => double.Parse(number, CultureInfo.InvariantCulture)).ToList();
        var (reckoned, measured) = (numbers[0], numbers[1]);
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{model} {context} x {slots}: reckoned {reckoned / 1e6:0.00} MB, measured {measured / 1e6:0.00} MB ({(reckoned - measured) / measured:+0.0 %;-0.0 %}); weights, cache, computing, outputs: {string.Join(", ", numbers.Skip(2).Select(number => $"{number / 1e6:0.00}"))}");
        // Of a model of 5 MB a process's own comings and goings are more than a tenth.
        reckoned.ShouldBe(measured, Math.Max(measured * 0.1, 6_000_000));
    }
}
