using System.Globalization;

namespace AiFactory.Gateway.Limits;

/// <summary>OpenAI's headers of what is left (https://platform.openai.com/docs/guides/rate-limits): of the limit of requests, and of that of tokens, that has least.</summary>
internal static class LimitHeaders
{
    public static void Write(IHeaderDictionary headers, IReadOnlyList<Hold> holds, DateTimeOffset now)
    {
        Write(headers, "requests", Tightest(holds, LimitMeasure.Requests), now);
        Write(headers, "tokens", Tightest(holds, LimitMeasure.Tokens), now);
    }

    public static void Write(IHeaderDictionary headers, Tally tally, DateTimeOffset now)
    {
        if (tally.Limit.Measure is LimitMeasure.Requests or LimitMeasure.Tokens)
        {
            Write(headers, LimitNames.Of(tally.Limit.Measure), tally, now);
        }
    }

    /// <summary>As <c>1h2m3s</c>; <c>420ms</c> below a second.</summary>
    public static string Duration(TimeSpan time)
    {
        if (time < TimeSpan.FromSeconds(1))
        {
            return string.Create(CultureInfo.InvariantCulture, $"{Math.Max(0, (long)Math.Ceiling(time.TotalMilliseconds))}ms");
        }

        var seconds = (long)Math.Ceiling(time.TotalSeconds);
        return seconds < 60 ? string.Create(CultureInfo.InvariantCulture, $"{seconds}s")
            : seconds < 3600 ? string.Create(CultureInfo.InvariantCulture, $"{seconds / 60}m{seconds % 60}s")
            : string.Create(CultureInfo.InvariantCulture, $"{seconds / 3600}h{seconds / 60 % 60}m{seconds % 60}s");
    }

    private static Tally? Tightest(IReadOnlyList<Hold> holds, LimitMeasure measure)
    {
        Tally? tightest = null;
        var least = double.MaxValue;
        foreach (var (tally, _) in holds)
        {
            if (tally.Limit.Measure == measure && (double)tally.Remaining / tally.Limit.Amount is var share && share < least)
            {
                (tightest, least) = (tally, share);
            }
        }

        return tightest;
    }

    private static void Write(IHeaderDictionary headers, string measure, Tally? tally, DateTimeOffset now)
    {
        if (tally is null)
        {
            return;
        }

        headers[$"x-ratelimit-limit-{measure}"] = tally.Limit.Amount.ToString(CultureInfo.InvariantCulture);
        headers[$"x-ratelimit-remaining-{measure}"] = tally.Remaining.ToString(CultureInfo.InvariantCulture);
        if (tally.EndsAt != DateTimeOffset.MaxValue)
        {
            headers[$"x-ratelimit-reset-{measure}"] = Duration(tally.EndsAt - now);
        }
    }
}
