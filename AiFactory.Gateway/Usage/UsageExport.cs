using System.Text;
using System.Text.Json;
using AiFactory.Gateway.Metering;

namespace AiFactory.Gateway.Usage;

/// <summary>Writes records as they are read. One that fails on the way ends broken off, and not as if it were whole.</summary>
internal sealed class UsageExport(IAsyncEnumerable<IReadOnlyList<UsageRow>> pages, bool csv) : IResult
{
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var (response, cancelled) = (httpContext.Response, httpContext.RequestAborted);
        response.ContentType = csv ? "text/csv; charset=utf-8; header=present" : "application/jsonl";
        response.Headers.ContentDisposition = $"attachment; filename=usage.{(csv ? "csv" : "jsonl")}";
        response.Headers.CacheControl = "no-store";
        var text = new StringBuilder(csv ? UsageCsv.Head : "");
        await foreach (var rows in pages.WithCancellation(cancelled))
        {
            foreach (var row in rows)
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
