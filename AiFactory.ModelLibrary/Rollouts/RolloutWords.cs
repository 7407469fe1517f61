using System.Globalization;
using AiFactory.Contracts.Library;

namespace AiFactory.ModelLibrary.Rollouts;

/// <summary>Numbers as sentences have them.</summary>
internal static class RolloutWords
{
    /// <summary><c>45 s</c>, <c>10 min</c>, <c>1.5 h</c>.</summary>
    internal static string Of(TimeSpan time) => time switch
    {
        { TotalSeconds: < 120 } => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.#} s"),
        { TotalMinutes: < 120 } => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMinutes:0.#} min"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{time.TotalHours:0.#} h"),
    };

    /// <summary><c>3.7 %</c>.</summary>
    internal static string Of(double share) => string.Create(CultureInfo.InvariantCulture, $"{100 * share:0.##} %");

    internal static string Times(double ratio) => string.Create(CultureInfo.InvariantCulture, $"{ratio:0.##} times");

    internal static string Seconds(double seconds) => string.Create(CultureInfo.InvariantCulture, $"{seconds:0.###} s");

    /// <summary><c>d2 failed 37 of 100 requests (37 %)</c>.</summary>
    internal static string Failures(string name, RolloutSample sample) => sample.Requests == 0
        ? $"{name} had no request"
        : string.Create(CultureInfo.InvariantCulture, $"{name} failed {sample.Failures} of {sample.Requests} requests ({Of(Share(sample))})");

    /// <summary><c>clients gave up 37 of 100 requests to d2 (37 %)</c>, or, where some are open still, <c>clients gave up 30 of 100 requests to d2, and 7 hang (37 %)</c>.</summary>
    internal static string GivenUp(string name, RolloutSample sample) => string.Create(
        CultureInfo.InvariantCulture,
        $"clients gave up {sample.Left} of {sample.Requests + Vain(sample)} requests to {name}{(sample.Hanging > 0 ? string.Create(CultureInfo.InvariantCulture, $", and {sample.Hanging} hang") : "")} ({Of(VainShare(sample))})");

    /// <summary>How many waited in vain, or do.</summary>
    internal static long Vain(RolloutSample sample) => sample.Left + sample.Hanging;

    internal static double VainShare(RolloutSample sample) => Vain(sample) == 0 ? 0 : (double)Vain(sample) / (sample.Requests + Vain(sample));

    internal static double Share(RolloutSample sample) => sample.Requests == 0 ? 0 : (double)sample.Failures / sample.Requests;
}
