namespace AiFactory.Inference.Benchmarking;

/// <summary>What was asked for, as it stands in the report: no key and no header.</summary>
internal sealed record BenchmarkLoad(
    string Route, int? Concurrency, double? Rate, int Requests, int PromptTokens, int OutputTokens, double SharedPrefix, bool IgnoreEnd, double Temperature, int Seed, double? FirstTokenGoal, double? InterTokenGoal)
{
    public static BenchmarkLoad From(BenchmarkSettings settings) => new(
        settings.Chat ? "chat/completions" : "completions",
        settings.Rate is null ? settings.Concurrency : null,
        settings.Rate,
        settings.Requests,
        settings.PromptTokens,
        settings.OutputTokens,
        settings.SharedPrefix,
        settings.IgnoreEnd,
        settings.Temperature,
        settings.Seed,
        settings.FirstTokenGoal,
        settings.InterTokenGoal);
}
