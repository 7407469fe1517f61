using System.Globalization;
using AiFactory.Inference.Tests.Worker;
using AiFactory.ModelGenerator.Models;
using AiFactory.Testing;

namespace AiFactory.Inference.Tests.Serving;

/// <summary>What is reckoned before a load, beside what a process of its own grew by.</summary>
public sealed class MemoryEstimateTests(MemoryEstimateTests.LargeModel large) : IClassFixture<MemoryEstimateTests.LargeModel>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("demo-chat", "1024", "4")]
    [InlineData("demo-chat", "512", "16")]
    [InlineData("demo-embed", "encoder", "")]
    [InlineData("112m", "1024", "4")]
    [InlineData("112m", "512", "1")]
    public async Task A_model_takes_what_was_reckoned(string model, string context, string slots)
    {
        var path = model == "112m" ? large.Path : Path.Combine(RepositoryFolder.Root, "models", $"{model}.gguf");
        using var probe = ProbeProcess.Start([.. ((string[])["memory", path, context, slots]).Where(argument => argument.Length > 0)]);
        var text = await probe.ReadToEndAsync(Token);
        var numbers = text.Split(' ', StringSplitOptions.TrimEntries).Select(number => double.Parse(number, CultureInfo.InvariantCulture)).ToList();
        var (reckoned, measured) = (numbers[0], numbers[1]);
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{model} {context} x {slots}: reckoned {reckoned / 1e6:0.00} MB, measured {measured / 1e6:0.00} MB ({(reckoned - measured) / measured:+0.0 %;-0.0 %}); weights, cache, computing, outputs: {string.Join(", ", numbers.Skip(2).Select(number => $"{number / 1e6:0.00}"))}");
        // Of a model of 5 MB a process's own comings and goings are more than a tenth.
        reckoned.ShouldBe(measured, Math.Max(measured * 0.1, 6_000_000));
    }

    /// <summary>Written once for all cases.</summary>
    public sealed class LargeModel : IDisposable
    {
        private readonly string _directory = Directory.CreateTempSubdirectory("aifactory-memory-").FullName;

        public LargeModel()
        {
            using var file = File.Create(Path);
            ChatModel.Create(ChatModelOptions.Large).WriteTo(file);
        }

        public string Path => System.IO.Path.Combine(_directory, "large.gguf");

        public void Dispose() => Directory.Delete(_directory, recursive: true);
    }
}
