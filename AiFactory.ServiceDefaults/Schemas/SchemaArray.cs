using System.Text.Json;

namespace AiFactory.ServiceDefaults.Schemas;

internal static class SchemaArray
{
    public static void ReadFirst(SchemaPlace place)
    {
        var parts = First(place);
        place.Add((value, run) => Elements(value, run, i => i < parts.Length ? parts[i] : null));
    }

    /// <summary>For the elements behind <c>prefixItems</c>.</summary>
    public static void ReadItems(SchemaPlace place)
    {
        if (place.Value.ValueKind == JsonValueKind.Array)
        {
            throw place.Complain("it is one schema for all elements: for one of each place there is prefixItems");
        }

        var all = place.Inner();
        var from = place.Beside("prefixItems") is { } first ? First(first).Length : 0;
        place.Add((value, run) => Elements(value, run, i => i >= from ? all : null));
    }

    public static void ReadContains(SchemaPlace place)
    {
        var part = place.Inner();
        var (least, most) = (place.CountOf("minContains") ?? 1, place.CountOf("maxContains") ?? int.MaxValue);
        place.Add((value, run) =>
        {
            if (value.ValueKind != JsonValueKind.Array)
            {
                return null;
            }

            run.Spend(value.GetArrayLength());
            var count = value.EnumerateArray().Count(element => part.Check(element, run) is null);
            return count < least || count > most ? new SchemaFault("does not contain as many of a kind as it should") : null;
        });
    }

    public static void ReadFewest(SchemaPlace place)
    {
        var least = place.Count();
        place.Add((value, _) => value.ValueKind == JsonValueKind.Array && value.GetArrayLength() < least ? new SchemaFault("has too few elements") : null);
    }

    public static void ReadMost(SchemaPlace place)
    {
        var most = place.Count();
        place.Add((value, _) => value.ValueKind == JsonValueKind.Array && value.GetArrayLength() > most ? new SchemaFault("has too many elements") : null);
    }

    public static void ReadUnique(SchemaPlace place)
    {
        if (!place.Flag())
        {
            return;
        }

        place.Add((value, run) => value.ValueKind == JsonValueKind.Array && Repeated(value, run) is { } repeated ? new SchemaFault("repeats one of those before it").Within(repeated) : null);
    }

    /// <summary>The first element that one before it equals. Only those are compared that have one hash: of a thousand each with each would be half a million.</summary>
    private static int? Repeated(JsonElement list, SchemaRun run)
    {
        run.Spend(4L * list.GetArrayLength());
        JsonElement[] elements = [.. list.EnumerateArray()];
        var order = new ulong[elements.Length];
        for (var i = 0; i < elements.Length; i++)
        {
            order[i] = ((ulong)(uint)SchemaValue.Hash(elements[i], run) << 32) | (uint)i;
        }

        Array.Sort(order);
        var found = (int?)null;
        for (var i = 1; i < order.Length; i++)
        {
            for (var j = i - 1; j >= 0 && order[j] >> 32 == order[i] >> 32; j--)
            {
                var at = (int)(uint)order[i];
                if (SchemaValue.Equal(elements[at], elements[(int)(uint)order[j]], run))
                {
                    found = Math.Min(found ?? at, at);
                    break;
                }
            }
        }

        return found;
    }

    private static SchemaNode[] First(SchemaPlace place) => place.Value.ValueKind == JsonValueKind.Array
        ? [.. place.Value.EnumerateArray().Select((part, i) => place.Reader.Read(part, $"{place.KeywordPath}/{i}"))]
        : throw place.Complain("it is a list of schemas");

    private static SchemaFault? Elements(JsonElement value, SchemaRun run, Func<int, SchemaNode?> held)
    {
        if (value.ValueKind != JsonValueKind.Array)
        {
            return null;
        }

        var i = 0;
        foreach (var element in value.EnumerateArray())
        {
            run.Spend();
            if (held(i)?.Check(element, run) is { } fault)
            {
                return fault.Within(i);
            }

            i++;
        }

        return null;
    }
}
