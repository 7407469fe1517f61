using AiFactory.Inference.Benchmarking;
using AiFactory.Inference.Native;
using AiFactory.ModelGenerator.Models;
using AiFactory.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace AiFactory.Benchmarks.LlamaServer;

/// <summary>The worker beside llama-server on the same llama.cpp: the same file, threads, slots, context and requests, the sides in turn.</summary>
internal static class LlamaServerBenchmark
{
    private const int Rounds = 3;
    private const int Slots = 16;
    private const int ContextLength = 2048;
    private const int BytesWorthOneThread = 16 << 20;

    private const string Method =
        "llama-server of the same llama.cpp (tools/llama-server/build.sh: its sources linked against the libraries that the worker loads) and the worker as a server of one model: the same file, " +
        "16 slots of 2,048 tokens, chat completions over HTTP on the loopback from the same client on the same machine; medians of 3 rounds with the sides in turn. " +
        "Alone: answers of up to 128 tokens to prompts of 128, one after the other, tokens a second after the first. Among 16: such prompts from 16 clients, up to 64 tokens each, all tokens in all time. " +
        "Cold: 16 clients at once whose prompts of 1,000 tokens share their first 90 % and were never seen, 16 tokens each, until the last has ended. " +
        "Seen: a prompt of 1,500 tokens, then one with the same beginning and another end (2 %), the median of three in each round. Greedy: 50 prompts, up to 32 tokens each, one after the other, compared as texts and counts; both sides compute them whole (cache_prompt false) and fuse attention or not alike, for else other numbers of tokens are computed together, and rounded otherwise. " +
        "The worker has glibc ask for pages of 2 MB, as its image and its launcher do; llama-server runs as it comes, without its cache in the machine's memory (--cache-ram 0), and once more with such pages for the tokens/s of 16 clients; resident memory is VmRSS after all that, the model's mapped file in it.";

    /// <summary>A model of random weights: 112 million parameters in Q8_0, which is what most of the time goes into.</summary>
    public static async Task<BenchmarkSection> LargeAsync(CancellationToken cancellationToken)
    {
        var file = Path.Combine(Path.GetTempPath(), $"aifactory-random-112m-{Environment.ProcessId}.gguf");
        try
        {
            await using (var stream = File.Create(file))
            {
                ChatModel.Create(ChatModelOptions.Large).WriteTo(stream);
            }

            return await RunAsync("llama-server", "random-112m", "a generated model of 112 million random parameters in Q8_0, 120 MB", file, repeat: 1, cancellationToken);
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <summary>The model that ships: so small that what is beside the computation counts.</summary>
    public static Task<BenchmarkSection> DemoAsync(CancellationToken cancellationToken) =>
        RunAsync("llama-server-demo", "demo-chat", "the chat model that ships, 6 MB", Path.Combine(RepositoryFolder.Root, "models", "demo-chat.gguf"), repeat: 2, cancellationToken);

    private static async Task<BenchmarkSection> RunAsync(string name, string model, string what, string file, int repeat, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("aifactory-llama-server-").FullName;
        try
        {
            var threads = (int)Math.Clamp(new FileInfo(file).Length / BytesWorthOneThread, 1, Environment.ProcessorCount);
            var bars = await MeasureAsync(new ServingSides(model, file, threads, Slots, ContextLength), folder, repeat, cancellationToken);
            return new BenchmarkSection(name, $"Beside llama-server: {model}", $"{model}: {what}; threads: {threads}. {Method}", bars.Rows) { Missed = bars.Missed };
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<SideBars> MeasureAsync(ServingSides sides, string folder, int repeat, CancellationToken cancellationToken)
    {
        await using var ours = await sides.StartOursAsync(folder, cancellationToken);
        await using var theirs = await sides.StartTheirsAsync([], cancellationToken);

        var alone = await GreedyAnswers.AskAsync(ours.Settings(sides.Model), readsCache: false, cancellationToken);
        var theirAlone = await GreedyAnswers.AskAsync(theirs.Settings(sides.Model), readsCache: false, cancellationToken);
        var theirCached = await GreedyAnswers.AskAsync(theirs.Settings(sides.Model), readsCache: true, cancellationToken);
        var (own, other) = (new List<SideFigures>(), new List<SideFigures>());
        for (var round = 0; round < Rounds; round++)
        {
            own.Add(await SideLoad.RunAsync(ours.Settings(sides.Model), round, repeat, cancellationToken));
            other.Add(await SideLoad.RunAsync(theirs.Settings(sides.Model), round, repeat, cancellationToken));
        }

        var bars = new SideBars();
        bars.Compare("tokens/s alone", Median(own, figures => figures.Alone), Median(other, figures => figures.Alone), least: 0.98);
        bars.Compare("tokens/s of 16 clients", Median(own, figures => figures.Together), Median(other, figures => figures.Together), least: 1.1);
        bars.Compare("p99 between tokens, 16 clients, ms", Median(own, figures => figures.InterToken), Median(other, figures => figures.InterToken), most: 1.1);
        bars.Compare("16 cold clients that share 90 % of 1,000 tokens, ms", Median(own, figures => figures.Cold), Median(other, figures => figures.Cold), most: 0.5);
        bars.Compare("first token of 1,500 tokens, cold, ms", Median(own, figures => figures.FirstTokenCold), Median(other, figures => figures.FirstTokenCold));
        bars.Compare("first token of 1,500 tokens, beginning seen, ms", Median(own, figures => figures.FirstTokenSeen), Median(other, figures => figures.FirstTokenSeen));
        var sooner = Median(own, figures => figures.FirstTokenCold / figures.FirstTokenSeen);
        bars.Add("the same, times sooner than cold", SideBars.Number(sooner), SideBars.Number(Median(other, figures => figures.FirstTokenCold / figures.FirstTokenSeen)), "", ">= 10", sooner >= 10);
        var (resident, residentOther) = (ours.ResidentMemory / 1048576.0, theirs.ResidentMemory / 1048576.0);
        bars.Add("resident memory, MiB", SideBars.Number(resident), SideBars.Number(residentOther), $"{resident - residentOther:+0;-0} MiB", "<= +120 MiB", resident <= residentOther + 120);
        bars.Add("llama-server beside itself, with and without cache_prompt", "", theirAlone.AlikeWith(theirCached), "", "", isMet: true);
        if (!IsFused(sides.File))
        {
            bars.Add("greedy answers alike, attention fused by llama-server only", alone.AlikeWith(theirAlone), "", "", "", isMet: true);
            await using var plain = await sides.StartTheirsAsync(["--flash-attn", "off"], cancellationToken);
            theirAlone = await GreedyAnswers.AskAsync(plain.Settings(sides.Model), readsCache: false, cancellationToken);
        }

        await using (var huge = await sides.StartTheirsAsync([], cancellationToken, hugePages: true))
        {
            var together = await SideLoad.TogetherAsync(huge.Settings(sides.Model), Rounds, repeat, cancellationToken);
            bars.Add("tokens/s of 16 clients, llama-server with pages of 2 MB too", SideBars.Number(Median(own, figures => figures.Together)), SideBars.Number(together), SideBars.Number(Median(own, figures => figures.Together) / together), "", isMet: true);
        }

        var differences = alone.DifferencesFrom(theirAlone);
        bars.Add("greedy answers alike", alone.AlikeWith(theirAlone), "", "", "all", differences.Count == 0);
        bars.Explain(differences.Take(3));
        return bars;
    }

    /// <summary>Whether the worker fuses the model's attention (Native/FlashAttention.cs). llama-server does unless it is told.</summary>
    private static bool IsFused(string file)
    {
        LlamaRuntime.Load(NullLogger.Instance);
        using var model = LlamaModel.Open([file], measure: true);
        return FlashAttention.For(model) != FlashAttention.Off;
    }

    private static double Median(List<SideFigures> rounds, Func<SideFigures, double> figure) => Percentiles.Of(rounds.Select(figure))?.P50 ?? 0;
}
