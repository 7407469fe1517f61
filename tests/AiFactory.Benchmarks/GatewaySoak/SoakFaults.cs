using Microsoft.AspNetCore.Http;

namespace AiFactory.Benchmarks.GatewaySoak;

/// <summary>What goes wrong at upstreams.</summary>
internal static class SoakFaults
{
    private const int StreamsBefore = 3;

    /// <summary>Something else each time, and in four of ten nothing.</summary>
    public static async Task<bool> AtRandomAsync(HttpContext context, bool isStream)
    {
        switch (Random.Shared.Next(100))
        {
            case < 25:
                await SoakUpstream.WriteAsync(context, """{"error":{"message":"no","type":"server_error","code":null}}""", Random.Shared.GetItems([502, 503, 504], 1)[0]);
                return true;
            case < 33:
                context.Abort();
                return true;
            case < 43:
                context.Response.ContentType = isStream ? "text/event-stream" : "application/json";
                await SoakUpstream.SendAsync(context, "<html>this is no answer</html>");
                return true;
            case < 48:
                return true; // an empty 200
            case < 50:
                await HangAsync(context, isStream);
                return true;
            case < 60 when isStream:
                for (var chunk = 0; chunk < StreamsBefore; chunk++)
                {
                    await SoakUpstream.SendAsync(context, SoakUpstream.Chunk(" cut"));
                }

                context.Abort();
                return true;
            default:
                return false;
        }
    }

    public static async Task<bool> AlwaysAsync(HttpContext context, bool isStream)
    {
        await SoakUpstream.WriteAsync(context, """{"error":{"message":"no","type":"server_error","code":null}}""", StatusCodes.Status503ServiceUnavailable);
        return true;
    }

    public static async Task<bool> HangAsync(HttpContext context, bool isStream)
    {
        await Task.Delay(Timeout.Infinite, context.RequestAborted);
        return true;
    }

    /// <summary>Answers in the end, when its first token has been waited for long.</summary>
    public static async Task<bool> SlowAsync(HttpContext context, bool isStream)
    {
        await Task.Delay(Random.Shared.Next(2) * 1000, context.RequestAborted);
        return false;
    }
}
