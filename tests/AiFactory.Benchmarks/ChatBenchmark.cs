using System.Diagnostics;
using System.Globalization;
using AiFactory.Testing.Factory;

namespace AiFactory.Benchmarks;

/// <summary>How fast the chat model that ships answers, through the whole factory.</summary>
internal static class ChatBenchmark
{
    private const int Warmup = 5;
    private const int Rounds = 60;
    private const int Bar = 100;

    /// <summary>An answer of some hundred tokens: the model copies what it is told to.</summary>
    private const string Question = "Repeat: The gateway checks each key, the library approves each model, the worker keeps its weights in memory, and the builder answers from documents that people of the company have written, with the number of the passage in every answer.";

    public static async Task<BenchmarkSection> RunAsync(CancellationToken cancellationToken)
    {
        await using var factory = await FactoryProcess.StartAsync(cancellationToken: cancellationToken);
        using var client = factory.CreateClient();
        var answers = new List<ChatStream>();
        for (var round = -Warmup; round < Rounds; round++)
        {
            var answer = await AskAsync(client, cancellationToken);
            if (round >= 0)
            {
                answers.Add(answer);
            }
        }

        var began = Stopwatch.GetTimestamp();
        var together = await Task.WhenAll(Enumerable.Range(0, 4).Select(async _ =>
        {
            var tokens = 0;
            for (var round = 0; round < Rounds / 4; round++)
            {
                tokens += (await AskAsync(client, cancellationToken)).Tokens;
            }

            return tokens;
        }));
        var rate = together.Sum() / Stopwatch.GetElapsedTime(began).TotalSeconds;

        return new BenchmarkSection(
            "chat",
            "Answers of demo-chat",
            $"One streamed answer after the other through the AppHost's port, gateway and worker, {Rounds} times after {Warmup} to warm up (median answer: {Median(answers, answer => answer.Tokens):F0} tokens); speed is the tokens after the first one in the time from the first to the last. Then four clients at once, all tokens in all time.",
            [
                ["what", "p50", "worst of 20", "bar"],
                ["tokens/s of one stream", Number(Median(answers, answer => answer.Rate)), Number(Percentile(answers, answer => answer.Rate, 0.05)), Number(Bar)],
                ["time to first token (the prompt seen before)", $"{Number(Median(answers, answer => answer.First))} ms", $"{Number(Percentile(answers, answer => answer.First, 0.95))} ms", ""],
                ["tokens/s of four clients together", Number(rate), "", ""],
            ])
        {
            Missed = Percentile(answers, answer => answer.Rate, 0.05) < Bar ? [$"the worst of 20 streams has less than {Bar} tokens/s"] : [],
        };
    }

    private static Task<ChatStream> AskAsync(HttpClient client, CancellationToken cancellationToken) =>
        ChatStream.ReadAsync(client, [("user", Question)], 400, cancellationToken);

    private static double Median(List<ChatStream> answers, Func<ChatStream, double> value) => Percentile(answers, value, 0.5);

    private static double Percentile(List<ChatStream> answers, Func<ChatStream, double> value, double share) => answers.Select(value).Order().ElementAt((int)(share * (answers.Count - 1)));

    private static string Number(double value) => value.ToString("F0", CultureInfo.InvariantCulture);
}
