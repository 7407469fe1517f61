using System.Globalization;
using System.Text;
using AiFactory.Gateway.Metering;

namespace AiFactory.Gateway.Usage;

/// <summary>Records as CSV (RFC 4180), the first line with the columns' names.</summary>
internal static class UsageCsv
{
    private static readonly (string Name, Func<UsageRow, object?> Value)[] Columns =
    [
        ("id", row => row.Id),
        ("at", row => row.At.ToString("O", CultureInfo.InvariantCulture)),
        ("project", row => row.Project),
        ("key_id", row => row.KeyId),
        ("subject", row => row.Subject),
        ("operation", row => row.Operation),
        ("requested_model", row => row.RequestedModel),
        ("deployment", row => row.Deployment),
        ("deployment_id", row => row.DeploymentId),
        ("model", row => row.Model),
        ("model_version", row => row.ModelVersion),
        ("replica", row => row.Replica),
        ("request_id", row => row.RequestId),
        ("stream", row => row.Stream ? "true" : "false"),
        ("attempts", row => row.Attempts),
        ("prompt_tokens", row => row.PromptTokens),
        ("cached_tokens", row => row.CachedTokens),
        ("completion_tokens", row => row.CompletionTokens),
        ("estimated", row => row.Estimated ? "true" : "false"),
        ("outcome", row => row.Outcome),
        ("error", row => row.Error),
        ("status", row => row.Status),
        ("queued_micros", row => row.QueuedMicros),
        ("first_token_micros", row => row.FirstTokenMicros),
        ("total_micros", row => row.TotalMicros),
        ("cost_micros", row => row.CostMicros),
        ("price_version", row => row.PriceVersion),
        ("cache", row => row.Cache),
        ("guardrails", row => row.Guardrails),
        ("images", row => row.Images),
        ("variant", row => row.Variant),
    ];

    public static string Head { get; } = $"{string.Join(',', Columns.Select(column => column.Name))}\r\n";

    public static void Append(StringBuilder text, UsageRow row)
    {
        for (var i = 0; i < Columns.Length; i++)
        {
            text.Append(i == 0 ? "" : ",").Append(Cell(Convert.ToString(Columns[i].Value(row), CultureInfo.InvariantCulture) ?? ""));
        }

        text.Append("\r\n");
    }

    /// <summary>A request's id is the client's: what a spreadsheet would take for a formula has an apostrophe before it (https://owasp.org/www-community/attacks/CSV_Injection).</summary>
    private static string Cell(string value)
    {
        var safe = value is ['=' or '+' or '-' or '@' or '\t' or '\r', ..] ? $"'{value}" : value;
        return safe.AsSpan().IndexOfAny(",\"\r\n") < 0 ? safe : $"\"{safe.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }
}
