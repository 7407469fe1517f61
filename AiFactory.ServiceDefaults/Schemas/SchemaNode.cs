using System.Text.Json;

namespace AiFactory.ServiceDefaults.Schemas;

/// <returns>Null where the value fits.</returns>
internal delegate SchemaFault? SchemaCheck(JsonElement value, SchemaRun run);

/// <summary>A schema, or a part of one: all of what it asks of a value.</summary>
internal sealed class SchemaNode
{
    public List<SchemaCheck> Checks { get; } = [];

    /// <summary>Those that look at the same value: one that comes back to itself by these would never end.</summary>
    public List<SchemaNode> InPlace { get; } = [];

    /// <summary>Whether several others refer to it: of one value it may be asked again and again.</summary>
    public bool IsShared { get; set; }

    /// <exception cref="TimeoutException">It takes longer than any should.</exception>
    public SchemaFault? Check(JsonElement value, SchemaRun run) => IsShared ? run.Once(this, value, CheckAll) : CheckAll(value, run);

    private SchemaFault? CheckAll(JsonElement value, SchemaRun run)
    {
        run.Enter();
        var cost = SchemaRun.CostOf(value);
        foreach (var check in Checks)
        {
            run.Spend(cost);
            if (check(value, run) is { } fault)
            {
                run.Leave();
                return fault;
            }
        }

        run.Leave();
        return null;
    }
}
