using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using AiFactory.Contracts.Workers;
using AiFactory.Inference.Native;
using AiFactory.Inference.Tests.Native;
using AiFactory.Inference.Tests.Worker;
using AiFactory.Inference.Weights;
using AiFactory.Inference.Weights.Gguf;
using AiFactory.ModelGenerator.Gguf;
using Microsoft.Extensions.Logging.Abstractions;

namespace AiFactory.Inference.Tests.Weights;

/// <summary>Models that come in several files.</summary>
public sealed class SplitModelTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("aifactory-split-").FullName;
    private readonly string _whole;
    private readonly IReadOnlyList<string> _parts;

    public SplitModelTests(GeneratedModels models)
    {
        LlamaRuntime.Load(NullLogger.Instance);
        _whole = Path.Combine(_directory, "chat.gguf");
        File.Copy(models.Chat, _whole);
        _parts = GgufSplitter.SplitFile(_whole, 3);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Parts_under_any_name_say_what_the_whole_says()
    {
        // As the cache names them: no part's name tells the others'.
        var renamed = _parts.Select((path, index) => Path.Combine(_directory, $"{(char)('z' - index)}.gguf")).ToList();
        foreach (var (from, to) in _parts.Zip(renamed))
        {
            File.Move(from, to);
        }

        using var whole = LlamaModel.Open(_whole);
        using var parts = LlamaModel.Open(renamed);
        parts.SizeBytes.ShouldBe(whole.SizeBytes);
        Greedy(parts).ShouldBe(Greedy(whole));
    }

    [Fact]
    public void A_part_alone_or_one_too_few_is_refused_before_llama_sees_it()
    {
        Should.Throw<GgufException>(() => LlamaModel.Open(_parts[0])).Message.ShouldContain("it is one of 3 files");
        Should.Throw<GgufException>(() => LlamaModel.Open([_parts[0], _parts[1]])).Message.ShouldContain("2 are here");
        Should.Throw<GgufException>(() => LlamaModel.Open([_parts[0], _parts[1], _parts[1]])).Message.ShouldContain("'split.no' of file 3 must be 2");
        Should.Throw<GgufException>(() => LlamaModel.Open([_parts[1], _parts[0], _parts[2]])).Message.ShouldContain("general.architecture");
    }

    [Fact]
    public async Task A_worker_that_is_told_the_first_takes_them_all()
    {
        await using var worker = await WorkerProcess.StartAsync(settings: new() { ["AIFACTORY_MODEL_URI"] = _parts[0] });
        using var client = worker.CreateCaller();
        while ((await client.GetAsync("/readyz", Token)).StatusCode != HttpStatusCode.OK)
        {
            await Task.Delay(50, Token);
        }

        worker.Registry.Ready.ShouldHaveSingleItem().Assignment.SizeBytes.ShouldBe(_parts.Sum(part => new FileInfo(part).Length));
        (await client.PostAsJsonAsync("/v1/completions", new { model = "chat", prompt = "Hello", max_tokens = 2 }, Token)).StatusCode.ShouldBe(HttpStatusCode.OK);
        await worker.Library.DisposeAsync();
    }

    [Fact]
    public async Task An_order_of_several_files_is_fetched_served_and_not_loaded_again_when_it_is_repeated()
    {
        await using var worker = await WorkerProcess.StartAsync();
        var files = _parts.Select((path, index) => worker.Store(path, $"chat-{index}")).ToList();
        var order = files[0] with
        {
            Deployment = "chat",
            Digest = $"sha256:{Convert.ToHexStringLower(SHA256.HashData("the whole"u8))}",
            SizeBytes = files.Sum(file => file.SizeBytes),
            Parts = [.. files.Select(file => new ModelPart(file.ObjectKey, file.Digest, file.SizeBytes))],
        };
        await worker.AssignAsync(order);
        var served = worker.Registry.Ready.ShouldHaveSingleItem();
        using var client = worker.CreateCaller();
        (await client.PostAsJsonAsync("/v1/completions", new { model = "chat", prompt = "Hello", max_tokens = 2 }, Token)).StatusCode.ShouldBe(HttpStatusCode.OK);

        // Heartbeats repeat the order, in a list of its own each time.
        worker.Library.Heartbeats.Clear();
        await worker.Library.WaitForAsync(_ => true);
        await worker.Library.WaitForAsync(_ => true);
        worker.Registry.Ready.ShouldHaveSingleItem().ShouldBeSameAs(served);
        await worker.Library.DisposeAsync();
    }

    [Fact]
    public void Names_of_parts_are_llamas()
    {
        SplitName.TryParse("/m/chat-00002-of-00003.gguf").ShouldBe(new SplitName("/m/chat", 2, 3));
        SplitName.TryParse("/m/chat-00001-of-00002.gguf").ShouldNotBeNull().All().ShouldBe(["/m/chat-00001-of-00002.gguf", "/m/chat-00002-of-00002.gguf"]);
        SplitName.TryParse("chat.gguf").ShouldBeNull();
        SplitName.TryParse("chat-00004-of-00003.gguf").ShouldBeNull();
        SplitName.TryParse("chat-00000-of-00003.gguf").ShouldBeNull();
    }

    private static List<int> Greedy(LlamaModel model)
    {
        using var context = LlamaContext.Open(model, new LlamaContextOptions(64, 64, 64, 1, 1, 0, Embeddings: false, UnifiedCache: false));
        var prompt = model.Tokenize("Hello there", addSpecial: false, parseSpecial: false);
        using var sampler = NativeSampler.Open(model, new LlamaSamplerOptions(0, 1, 0, 0, 1, 1, 0, 0), prompt, 64);
        var batch = new LlamaBatchBuffer(64);
        var tokens = new List<int>();
        foreach (var token in prompt)
        {
            batch.Add(token, batch.Count, 0, true);
        }

        for (var index = batch.Count - 1; tokens.Count < 24; index = batch.Add(tokens[^1], prompt.Length + tokens.Count - 1, 0, true))
        {
            context.Decode(batch).ShouldBe(LlamaDecodeResult.Done);
            tokens.Add(sampler.Sample(context, batch, index));
            batch.Clear();
        }

        return tokens;
    }
}
