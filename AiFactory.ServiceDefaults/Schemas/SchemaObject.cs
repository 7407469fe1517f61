using System.Text.Json;
using AiFactory.ServiceDefaults.Guardrails;

namespace AiFactory.ServiceDefaults.Schemas;

/// <summary>Objects. Of two members of one name each is looked at, for readers differ in which one counts.</summary>
internal static class SchemaObject
{
    /// <summary>Stands in a path for a name that the schema does not have: it is the model's word.</summary>
    private const string Other = "*";

    public static void ReadProperties(SchemaPlace place)
    {
        var members = place.ByName();
        place.Add((value, run) => First(value, run, name => members.TryGetValue(name, out var part) ? (part, name) : null));
    }

    public static void ReadPatterns(SchemaPlace place)
    {
        var patterns = Patterns(place);
        place.Add((value, run) =>
        {
            foreach (var (pattern, part) in patterns)
            {
                if (First(value, run, name => Matches(pattern, name, run) ? (part, Other) : null) is { } fault)
                {
                    return fault;
                }
            }

            return null;
        });
    }

    /// <summary>Members that neither <c>properties</c> nor <c>patternProperties</c> beside it know.</summary>
    public static void ReadOthers(SchemaPlace place)
    {
        var others = place.Inner();
        var known = place.Beside("properties")?.ByName() ?? [];
        var patterns = place.Beside("patternProperties") is { } beside ? Patterns(beside) : [];
        var isNone = place.Value.ValueKind == JsonValueKind.False;
        place.Add((value, run) =>
        {
            var fault = First(value, run, name => known.ContainsKey(name) || Array.Exists(patterns, one => Matches(one.Pattern, name, run)) ? null : (others, Other));
            return fault is not null && isNone ? new SchemaFault("has a member that the schema does not know") : fault;
        });
    }

    public static void ReadNames(SchemaPlace place)
    {
        var names = place.Inner();
        place.Add((value, run) =>
        {
            if (value.ValueKind == JsonValueKind.Object)
            {
                foreach (var member in value.EnumerateObject())
                {
                    using var name = JsonDocument.Parse(JsonSerializer.SerializeToUtf8Bytes(member.Name));
                    if (names.Check(name.RootElement, run) is not null)
                    {
                        return new SchemaFault("has a member whose name does not fit");
                    }
                }
            }

            return null;
        });
    }

    public static void ReadRequired(SchemaPlace place)
    {
        var names = place.Names();
        place.Add((value, _) => Missing(value, names));
    }

    public static void ReadDependent(SchemaPlace place)
    {
        if (place.Value.ValueKind != JsonValueKind.Object)
        {
            throw place.Complain("it is an object of lists of names");
        }

        foreach (var member in place.Value.EnumerateObject())
        {
            var names = (place with { Value = member.Value }).Names();
            place.Add((value, run) => value.ValueKind == JsonValueKind.Object && value.TryGetProperty(member.Name, out _) ? Missing(value, names) : null);
        }
    }

    public static void ReadFewest(SchemaPlace place)
    {
        var least = place.Count();
        place.Add((value, _) => value.ValueKind == JsonValueKind.Object && value.GetPropertyCount() < least ? new SchemaFault("has too few members") : null);
    }

    public static void ReadMost(SchemaPlace place)
    {
        var most = place.Count();
        place.Add((value, _) => value.ValueKind == JsonValueKind.Object && value.GetPropertyCount() > most ? new SchemaFault("has too many members") : null);
    }

    private static SchemaFault? Missing(JsonElement value, string[] names) =>
        value.ValueKind == JsonValueKind.Object && Array.Find(names, name => !value.TryGetProperty(name, out _)) is { } missing ? new SchemaFault($"misses '{missing}'") : null;

    /// <param name="find">By a member's name what it is held to, and what it is called.</param>
    private static SchemaFault? First(JsonElement value, SchemaRun run, Func<string, (SchemaNode Part, string Name)?> find)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        foreach (var member in value.EnumerateObject())
        {
            run.Spend();
            if (find(member.Name) is { } held && held.Part.Check(member.Value, run) is { } fault)
            {
                return fault.Within(held.Name);
            }
        }

        return null;
    }

    private static (RulePattern Pattern, SchemaNode Part)[] Patterns(SchemaPlace place) =>
        [.. place.ByName().Select(part => (SchemaReader.Pattern(part.Key, SchemaReader.Append(place.KeywordPath, part.Key)), part.Value))];

    private static bool Matches(RulePattern pattern, string name, SchemaRun run) => pattern.Find(name, 0, isEnd: true, ref run.PatternSteps).Length > 0;
}
