using System.Buffers.Binary;
using System.Numerics.Tensors;
using AiFactory.Contracts;
using AiFactory.Inference.Native;
using AiFactory.Inference.Weights;
using AiFactory.Inference.Weights.Gguf;
using AiFactory.Inference.Weights.Quantization;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace AiFactory.Inference.Tests.Weights;

public sealed class QuantizedWeightsTests(GeneratedModels models, ITestOutputHelper output) : IDisposable
{
    private const string Text = "How many workers wait for the next token while the others leave, and which of them answers first? Every model has an owner, a digest and a reason.";

    private readonly string _directory = Directory.CreateTempSubdirectory("aifactory-quantised-").FullName;
    private int _made;
    private VerifiedFiles? _verified;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData("q8_0", 0.60, 0.002)]
    [InlineData("q6_k", 0.60, 0.002)]
    [InlineData("q5_k_m", 0.60, 0.05)]
    [InlineData("q4_k_m", 0.60, 0.06)]
    [InlineData("q4_0", 0.40, 0.2)]
    public async Task Packed_weights_take_less_and_say_nearly_the_same(string quantization, double share, double divergence)
    {
        _ = LlamaRuntime.Load(NullLogger.Instance);
        using var source = Lease(models.Endless);
        using var packed = await AcquireAsync(source, quantization);

        using var whole = LlamaModel.Open(source.Paths);
        using var small = LlamaModel.Open(packed.Paths);
        var (before, after) = (Predictions(whole), Predictions(small));
        var mean = before.Zip(after).Average(pair => Divergence(pair.First, pair.Second));
        var blind = before.Average(expected => Divergence(expected, Enumerable.Repeat(-MathF.Log(expected.Length), expected.Length)));
        output.WriteLine($"{quantization}: {whole.SizeBytes} -> {small.SizeBytes} bytes, divergence {mean:0.00000} nats a token; of one who knows nothing {blind:0.0}");

        ((double)small.SizeBytes / whole.SizeBytes).ShouldBeLessThan(share);
        (mean / blind).ShouldBeInRange(1e-9, divergence, "Kullback-Leibler divergence of the next token: it is not the same file, and hardly another model");
    }

    [Fact]
    public async Task They_are_made_once_and_anew_when_they_are_damaged()
    {
        _ = LlamaRuntime.Load(NullLogger.Instance);
        using var source = Lease(models.Endless);
        var first = await AcquireAsync(source, "q8_0");
        first.Dispose();
        (await AcquireAsync(source, "q8_0")).Dispose();
        _made.ShouldBe(1);

        var bytes = await File.ReadAllBytesAsync(first.Path, Token);
        bytes[^1] ^= 1;
        await File.WriteAllBytesAsync(first.Path, bytes, Token);
        (await AcquireAsync(source, "q8_0")).Dispose();
        _made.ShouldBe(2);

        (await AcquireAsync(source, "q4_0")).Dispose();
        _made.ShouldBe(3);
        Directory.GetFiles(Path.Combine(_directory, "sha256"), "*.partial").ShouldBeEmpty();
    }

    [Fact]
    public async Task Packed_weights_that_have_not_changed_are_not_hashed_at_the_next_start()
    {
        _ = LlamaRuntime.Load(NullLogger.Instance);
        using var source = Lease(models.Endless);
        (await AcquireAsync(source, "q8_0")).Dispose();
        _verified = Verified.In(_directory);
        (await AcquireAsync(source, "q8_0")).Dispose();
        (_made, _verified.Hashed).ShouldBe((1, 0));
    }

    [Fact]
    public async Task What_cannot_be_packed_says_why()
    {
        using var packed = Lease(models.Quantised);
        (await Should.ThrowAsync<WeightsException>(() => AcquireAsync(packed, "q4_0"))).Message.ShouldContain("quantised already");
        using var several = new WeightsLease([new(models.Endless, "", 1, new MemoryStream()), new(models.Endless, "", 1, new MemoryStream())]);
        (await Should.ThrowAsync<WeightsException>(() => AcquireAsync(several, "q4_0"))).Message.ShouldContain("2 files");
        using var source = Lease(models.Endless);
        (await Should.ThrowAsync<WeightsException>(() => AcquireAsync(source, "q9"))).Message.ShouldContain("use one of q8_0, q6_k");
        Quantizations.All.ShouldAllBe(name => QuantizationKind.Of(name).Name == name);
    }

    [Fact]
    public async Task A_header_that_would_end_the_process_never_gets_to_llama()
    {
        var bytes = await File.ReadAllBytesAsync(models.Endless, Token);
        var key = "llama.attention.head_count_kv"u8;
        // The key, the type of its value (uint32 is 4), the value.
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(bytes.AsSpan().IndexOf(key) + key.Length + 4), 3);
        var path = Path.Combine(_directory, "broken.gguf");
        await File.WriteAllBytesAsync(path, bytes, Token);
        using var broken = Lease(path);
        (await Should.ThrowAsync<GgufException>(() => AcquireAsync(broken, "q8_0"))).Message.ShouldContain("heads");
        _made.ShouldBe(0);
    }

    private static WeightsLease Lease(string path) => new([new(path, "", new FileInfo(path).Length, new MemoryStream())]);

    private Task<WeightsLease> AcquireAsync(WeightsLease source, string quantization)
    {
        var weights = new QuantizedWeights(_verified ?? Verified.In(_directory), Options.Create(new WeightsOptions { Directory = _directory }), TimeProvider.System, NullLogger<QuantizedWeights>.Instance);
        return weights.AcquireAsync(source, "sha256:of-the-source", quantization, 1, work => Task.Run(() =>
        {
            _made++;
            work();
            // The room that was taken for it is still taken.
            new FileInfo(Directory.GetFiles(Path.Combine(_directory, "sha256"), "*.partial").Single()).Length.ShouldBeGreaterThan(0);
        }, Token), Token);
    }

    /// <summary>The logarithms of what the model expects behind each token of the text: <c>[token][vocabulary]</c>.</summary>
    private static List<float[]> Predictions(LlamaModel model)
    {
        var tokens = model.Tokenize(Text, addSpecial: true, parseSpecial: false);
        using var context = LlamaContext.Open(model, new LlamaContextOptions(256, 256, 256, 1, 1, 1, Embeddings: false, UnifiedCache: false));
        var batch = new LlamaBatchBuffer(tokens.Length);
        for (var index = 0; index < tokens.Length; index++)
        {
            batch.Add(tokens[index], index, 0, output: true);
        }

        context.Decode(batch).ShouldBe(LlamaDecodeResult.Done);
        return [.. Enumerable.Range(0, tokens.Length).Select(index =>
        {
            var logits = LlamaLogits.Of(context, batch, index, model.VocabularySize).ToArray();
            var total = MathF.Log(logits.Sum(logit => MathF.Exp(logit - logits.Max())));
            TensorPrimitives.Subtract(logits, logits.Max() + total, logits);
            return logits;
        })];
    }

    private static double Divergence(float[] expected, IEnumerable<float> given) => expected.Zip(given).Sum(pair => Math.Exp(pair.First) * (pair.First - pair.Second));
}
