using System.Globalization;
using AiFactory.Inference.Benchmarking;
using AiFactory.ModelGenerator.Models;
using AiFactory.Testing;

namespace AiFactory.Benchmarks.LlamaServer;

/// <summary>The worker beside llama-server on the same llama.cpp: the same file, threads, slots, context and requests, the sides in turn.</summary>
internal static class LlamaServerBenchmark
{
    private const int Rounds = 3;
    private const int Slots = 16;
    private const int ContextLength = 2048;
    private const int BytesWorthOneThread = 16 << 20;

    public static async Task<BenchmarkSection> RunAsync(CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("aifactory-llama-server-").FullName;
        try
        {
            var large = Path.Combine(folder, "random-112m.gguf");
            await using (var file = File.Create(large))
            {
                ChatModel.Create(ChatModelOptions.Large).WriteTo(file);
            }

            var rows = new List<IReadOnlyList<string>> { new[] { "what", "worker", "llama-server", "ratio", "bar" } };
            var missed = new List<string>();
            await MeasureAsync("112M", large, Path.Combine(folder, "large"), rows, missed, cancellationToken);
            await MeasureAsync("demo-chat", Path.Combine(RepositoryFolder.Root, "models", "demo-chat.gguf"), Path.Combine(folder, "demo"), rows, missed, cancellationToken);
            return new BenchmarkSection(
                "llama-server",
                "Beside llama-server",
                "llama-server of the same llama.cpp (tools/llama-server/build.sh: its sources linked against the libraries that the worker loads) and the worker as a server of one model: the same file, threads, " +
                $"{Slots} slots of {ContextLength} tokens, chat completions over HTTP on the loopback from the same client on the same machine; medians of {Rounds} rounds with the sides in turn. " +
                "112M: a generated model of random weights in Q8_0, 120 MB (`random-112m` of tools/AiFactory.ModelGenerator); demo-chat: the model that ships, 5 MB. " +
                "Alone: three answers of 128 tokens to prompts of 128, one after the other, tokens a second after the first. Among 16: 48 such prompts from 16 clients, 64 tokens each. " +
                "Cold: 16 clients at once whose prompts of 1,000 tokens share their first 90 % and were never seen, 16 tokens each, until the last has ended. " +
                "Seen: a prompt of 1,500 tokens, then one with the same beginning and another end (2 %). Greedy: 50 prompts, 32 tokens each, one after the other, compared as texts. " +
                "llama-server runs without its cache in the machine's memory (--cache-ram 0); resident memory is VmRSS after all that, the model's mapped file in it.",
                rows)
            {
                Missed = missed,
            };
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task MeasureAsync(string model, string file, string folder, List<IReadOnlyList<string>> rows, List<string> missed, CancellationToken cancellationToken)
    {
        var threads = (int)Math.Clamp(new FileInfo(file).Length / BytesWorthOneThread, 1, Environment.ProcessorCount);
        var sides = new ServingSides(model, file, threads, Slots, ContextLength);
        await using var ours = await sides.StartOursAsync(folder, cancellationToken);
        await using var theirs = await sides.StartTheirsAsync(cancellationToken);

        var alike = await GreedyComparison.RunAsync(ours.Settings(model), theirs.Settings(model), cancellationToken);
        var (own, other) = (new List<SideFigures>(), new List<SideFigures>());
        for (var round = 0; round < Rounds; round++)
        {
            own.Add(await SideLoad.RunAsync(ours.Settings(model), round, cancellationToken));
            other.Add(await SideLoad.RunAsync(theirs.Settings(model), round, cancellationToken));
        }

        var (resident, residentOther) = (ours.ResidentMemory / 1048576.0, theirs.ResidentMemory / 1048576.0);
        Compare("tokens/s alone", figures => figures.Alone, least: 0.98);
        Compare("tokens/s of 16 clients", figures => figures.Together, least: 1.1);
        Compare("p99 between tokens, 16 clients, ms", figures => figures.InterToken, most: 1.1);
        Compare("16 cold clients that share 90 % of 1,000 tokens, ms", figures => figures.Cold, most: 0.5);
        Row("first token of 1,500 tokens, cold, ms", Median(own, figures => figures.FirstTokenCold), Median(other, figures => figures.FirstTokenCold), "");
        Row("first token of 1,500 tokens, beginning seen, ms", Median(own, figures => figures.FirstTokenSeen), Median(other, figures => figures.FirstTokenSeen), "");
        var sooner = Median(own, figures => figures.FirstTokenCold / figures.FirstTokenSeen);
        Bar(sooner >= 10, "the seen beginning, times sooner than cold", Number(sooner), Number(Median(other, figures => figures.FirstTokenCold / figures.FirstTokenSeen)), "", ">= 10");
        Bar(resident <= residentOther + 120, "resident memory, MiB", Number(resident), Number(residentOther), $"{resident - residentOther:+0;-0} MiB", "<= +120 MiB");
        Bar(alike.Equal == alike.Count, "greedy answers alike", $"{alike.Equal} of {alike.Count}", "", "", "all");
        missed.AddRange(alike.Differences.Select(difference => $"{model}: {difference}"));

        void Compare(string what, Func<SideFigures, double> figure, double? least = null, double? most = null)
        {
            var (a, b) = (Median(own, figure), Median(other, figure));
            Bar(a / b >= (least ?? 0) && a / b <= (most ?? double.PositiveInfinity), what, Number(a), Number(b), (a / b).ToString("0.00", CultureInfo.InvariantCulture), least is { } bar ? $">= {Number(bar)}" : $"<= {Number(most ?? 0)}");
        }

        void Bar(bool met, string what, string a, string b, string ratio, string bar)
        {
            rows.Add([$"{model}: {what}", a, b, ratio, bar]);
            if (!met)
            {
                missed.Add(string.Create(CultureInfo.InvariantCulture, $"{model}: {what}: {a} beside {b} ({ratio}), the bar is {bar}"));
            }
        }

        void Row(string what, double a, double b, string bar) => Bar(true, what, Number(a), Number(b), (a / b).ToString("0.00", CultureInfo.InvariantCulture), bar);
    }

    private static double Median(List<SideFigures> rounds, Func<SideFigures, double> figure) => Percentiles.Of(rounds.Select(figure))?.P50 ?? 0;

    private static string Number(double value) => value.ToString(value < 10 ? "0.##" : value < 100 ? "0.0" : "0", CultureInfo.InvariantCulture);
}
