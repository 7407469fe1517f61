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
                if (First(value, run, name => run.Has(name, pattern) ? (part, Other) : null) is { } fault)
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
        var known = new HashSet<string>(place.Beside("properties")?.Keys() ?? [], StringComparer.Ordinal);
        RulePattern[] patterns = place.Beside("patternProperties") is { } beside ? [.. beside.Keys().Select(name => place.Reader.Pattern(name, SchemaReader.Append(beside.KeywordPath, name)))] : [];
        var isNone = place.Value.ValueKind == JsonValueKind.False;
        place.Add((value, run) =>
        {
            var fault = First(value, run, name => known.Contains(name) || Array.Exists(patterns, one => run.Has(name, one)) ? null : (others, Other));
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
                    run.SpendOn(member);
                    using var name = run.NameOf(member);
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
        place.Add((value, run) => Missing(value, names, run));
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
            place.Add((value, run) => value.ValueKind == JsonValueKind.Object && Missing(value, [member.Name], run) is null ? Missing(value, names, run) : null);
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

    private static SchemaFault? Missing(JsonElement value, string[] names, SchemaRun run)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        run.Spend(names.Length);
        var missing = new HashSet<string>(names, StringComparer.Ordinal);
        foreach (var member in value.EnumerateObject())
        {
            if (missing.Count == 0)
            {
                break;
            }

            run.SpendOn(member);
            missing.Remove(member.Name);
        }

        return missing.Count == 0 ? null : new SchemaFault($"misses '{Array.Find(names, missing.Contains)}'");
    }

    /// <param name="find">By a member's name what it is held to, and what it is called.</param>
    private static SchemaFault? First(JsonElement value, SchemaRun run, Func<string, (SchemaNode Part, string Name)?> find)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        foreach (var member in value.EnumerateObject())
        {
            run.SpendOn(member);
            if (find(member.Name) is { } held && held.Part.Check(member.Value, run) is { } fault)
            {
                return fault.Within(held.Name);
            }
        }

        return null;
    }

    private static (RulePattern Pattern, SchemaNode Part)[] Patterns(SchemaPlace place) =>
        [.. place.ByName().Select(part => (place.Reader.Pattern(part.Key, SchemaReader.Append(place.KeywordPath, part.Key)), part.Value))];
}
