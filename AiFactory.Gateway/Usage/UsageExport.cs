using System.Text;
using System.Text.Json;
using AiFactory.Gateway.Metering;
using Npgsql;

namespace AiFactory.Gateway.Usage;

/// <summary>Writes records as they are read. One that fails on the way ends broken off, and not as if it were whole.</summary>
internal sealed class UsageExport(IAsyncEnumerable<IReadOnlyList<UsageRow>> pages, bool csv) : IResult
{
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var (response, cancelled) = (httpContext.Response, httpContext.RequestAborted);
        await using var reading = pages.GetAsyncEnumerator(cancelled);
        bool more;
        try
        {
            more = await reading.MoveNextAsync();
        }
        catch (NpgsqlException error) when (UsageEndpoints.IsAway(error))
        {
            await UsageEndpoints.Away.ExecuteAsync(httpContext);
            return;
        }

        response.ContentType = csv ? "text/csv; charset=utf-8; header=present" : "application/jsonl";
        response.Headers.ContentDisposition = $"attachment; filename=usage.{(csv ? "csv" : "jsonl")}";
        response.Headers.CacheControl = "no-store";
        var text = new StringBuilder(csv ? UsageCsv.Head : "");
        for (; more; more = await reading.MoveNextAsync())
        {
            foreach (var row in reading.Current)
            {
                if (csv)
                {
                    UsageCsv.Append(text, row);
                }
                else
                {
                    text.Append(JsonSerializer.Serialize(row, UsageJson.Default.UsageRow)).Append('\n');
                }
            }

            await response.WriteAsync(text.ToString(), cancelled);
            text.Clear();
        }
    }
}
