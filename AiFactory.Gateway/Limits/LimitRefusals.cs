using System.Globalization;
using AiFactory.Gateway.OpenAI;

namespace AiFactory.Gateway.Limits;

/// <summary>What a client is told that a limit refuses: which, whose, how much it is, and when or how it goes on.</summary>
internal static class LimitRefusals
{
    private const decimal Millionths = 1_000_000;

    public static OpenAIError Reached(Tally tally, long units, DateTimeOffset now, string currency)
    {
        var limit = tally.Limit;
        TimeSpan? wait = limit.Period switch
        {
            LimitPeriod.None => TimeSpan.FromSeconds(1),
            LimitPeriod.Total => null,
            _ => tally.EndsAt - now,
        };
        var left = tally.Remaining;
        var need = limit.Measure is LimitMeasure.Tokens or LimitMeasure.Cost && left > 0
            ? $" {Amount(limit, left, currency)} are left, and this request may take {Amount(limit, units, currency)}: one with a lower max_tokens may pass."
            : "";
        var again = wait is { } time && limit.Period != LimitPeriod.None ? $" It begins anew in {LimitHeaders.Duration(time)}." : limit.Period == LimitPeriod.None ? " Try again when one of them has ended." : "";
        return Of(
            limit,
            StatusCodes.Status429TooManyRequests,
            $"The limit '{limit.Name}' of {Whose(tally)}{(limit.Model is { } model ? $" for the model '{model}'" : "")} is reached: {Amount(limit, limit.Amount, currency)}{Pace(limit)}.{need}{again} An administrator can raise it in the library.",
            limit.IsQuota ? "insufficient_quota" : "rate_limit_exceeded") with { RetryAfter = wait };
    }

    public static OpenAIError Unknown(Tally tally) => OpenAIError.Of(
        StatusCodes.Status503ServiceUnavailable,
        $"How much is left of the limit '{tally.Limit.Name}' of {Whose(tally)} cannot be known now, for the gateway's database is away, and the settings do not let models be used without that (Limits:ServeWhenUnknown). Try again shortly.",
        "server_error",
        code: "limits_unavailable") with { RetryAfter = TimeSpan.FromSeconds(5) };

    /// <summary>OpenAI's types are what a limit counts.</summary>
    private static OpenAIError Of(Limit limit, int status, string message, string code) =>
        OpenAIError.Of(status, message, code == "insufficient_quota" ? code : limit.Measure == LimitMeasure.Tokens ? "tokens" : "requests", code: code);

    private static string Whose(Tally tally)
    {
        var (limit, owner) = (tally.Limit, tally.Owner);
        return limit.Scope switch
        {
            LimitScope.Factory => "the factory",
            LimitScope.Project => $"the project '{(owner.Length > 0 ? owner : limit.Owner ?? limit.Project)}'",
            LimitScope.Key => "this API key",
            _ => $"the user '{(owner.Length > 0 ? owner : limit.Owner)}'",
        };
    }

    private static string Amount(Limit limit, long amount, string currency) => limit.Measure switch
    {
        LimitMeasure.Requests => string.Create(CultureInfo.InvariantCulture, $"{amount} requests"),
        LimitMeasure.Tokens => string.Create(CultureInfo.InvariantCulture, $"{amount} tokens"),
        LimitMeasure.Cost => string.Create(CultureInfo.InvariantCulture, $"{amount / Millionths:0.######} {currency}"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{amount} requests at once"),
    };

    private static string Pace(Limit limit) => limit.Period switch
    {
        LimitPeriod.Total => " in all",
        LimitPeriod.None => "",
        var period => $" a {LimitNames.Of(period)}",
    };
}
