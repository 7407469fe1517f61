using System.Text.Json;
using AiFactory.ServiceDefaults.Postgres;

namespace AiFactory.Builder.Tests.Knowledge.Search;

/// <summary>What Postgres did for a query: it has been run.</summary>
internal sealed class QueryPlan(JsonElement root)
{
    internal static async Task<QueryPlan> OfAsync(Database database, string sql, object values)
    {
        var plan = await database.FirstOrDefaultAsync<string>($"explain (analyze, format json) {sql}", values, TestContext.Current.CancellationToken);
        return new QueryPlan(JsonSerializer.Deserialize<JsonElement>(plan ?? "[]")[0].GetProperty("Plan"));
    }

    /// <summary>Rows that were taken from the table or its indexes of such names, those included that were thrown away.</summary>
    internal double RowsRead(string table, string indexes) => RowsRead(root, table, indexes);

    public override string ToString() => root.ToString();

    private static double RowsRead(JsonElement node, string table, string indexes)
    {
        var isRead = Text(node, "Relation Name") == table || Text(node, "Index Name")?.StartsWith(indexes, StringComparison.Ordinal) == true;
        var own = isRead
            ? Number(node, "Actual Loops") * (Number(node, "Actual Rows") + Number(node, "Rows Removed by Filter") + Number(node, "Rows Removed by Index Recheck"))
            : 0;
        return own + (node.TryGetProperty("Plans", out var below) ? below.EnumerateArray().Sum(each => RowsRead(each, table, indexes)) : 0);
    }

    private static string? Text(JsonElement node, string name) => node.TryGetProperty(name, out var value) ? value.GetString() : null;

    private static double Number(JsonElement node, string name) => node.TryGetProperty(name, out var value) ? value.GetDouble() : 0;
}
