using System.Text.Json.Nodes;
using AiFactory.Testing.Kubernetes;

namespace AiFactory.ModelLibrary.Tests.Edges.Kubernetes;

/// <summary>
/// An object as an API server keeps it: with who owns which of its fields. https://kubernetes.io/docs/reference/using-api/server-side-apply/
/// A field is a path such as <c>.spec.model</c> or <c>.status.conditions[Approved].message</c>.
/// </summary>
internal sealed class StoredObject(JsonObject content)
{
    private readonly Dictionary<string, HashSet<string>> _owners = new(StringComparer.Ordinal);

    public JsonObject Content { get; private set; } = content;

    /// <summary>Who owns a field; a route of its own (<c>/status</c>) has its own owners.</summary>
    public IEnumerable<string> OwnersOf(string field) => _owners.Where(owner => owner.Value.Contains(field)).Select(owner => owner.Key);

    public StoredObject Copy()
    {
        var copy = new StoredObject(Content.DeepClone().AsObject());
        foreach (var (owner, fields) in _owners)
        {
            copy._owners[owner] = [.. fields];
        }

        return copy;
    }

    /// <summary>
    /// 1. A field that another owns and has another value is a conflict, or taken over by force.
    /// 2. A field that this owner applied before and applies no more is removed, unless someone else owns it too.
    /// 3. All others are set.
    /// </summary>
    /// <returns>The conflicts; nothing is changed then.</returns>
    public IReadOnlyList<string> Apply(string owner, JsonObject applied, bool force)
    {
        var wanted = Fields(applied);
        var present = Fields(Content);
        var taken = wanted.Where(field => !(present.TryGetValue(field.Key, out var value) && JsonNode.DeepEquals(value, field.Value)) && OwnersOf(field.Key).Any(other => other != owner))
            .Select(field => field.Key).ToList();
        if (taken.Count > 0 && !force)
        {
            return taken;
        }

        foreach (var others in _owners.Where(other => other.Key != owner))
        {
            others.Value.ExceptWith(taken);
        }

        var dropped = _owners.GetValueOrDefault(owner, []).Except(wanted.Keys).Where(field => OwnersOf(field).All(other => other == owner)).ToList();
        _owners[owner] = [.. wanted.Keys];
        foreach (var (field, value) in wanted)
        {
            present[field] = value;
        }

        dropped.ForEach(field => present.Remove(field));
        Content = Whole(present);
        return [];
    }

    /// <summary>As <c>kubectl edit</c>: whoever changes a field owns it.</summary>
    public void Edit(string owner, Action<JsonObject> change)
    {
        var before = Fields(Content);
        change(Content);
        var changed = Fields(Content).Where(field => !(before.TryGetValue(field.Key, out var value) && JsonNode.DeepEquals(value, field.Value))).Select(field => field.Key).ToList();
        foreach (var others in _owners.Values)
        {
            others.ExceptWith(changed);
        }

        _owners[owner] = [.. _owners.GetValueOrDefault(owner, []), .. changed];
    }

    private static Dictionary<string, JsonNode?> Fields(JsonObject map)
    {
        var fields = new Dictionary<string, JsonNode?>(StringComparer.Ordinal);
        Walk(map, "");
        return fields;

        void Walk(JsonNode? node, string path)
        {
            if (node is JsonObject { Count: > 0 } inner)
            {
                foreach (var (name, value) in inner)
                {
                    Walk(value, $"{path}.{name.Replace(".", "~", StringComparison.Ordinal)}");
                }
            }
            else if (node is JsonArray { Count: > 0 } list && path == ".status.conditions")
            {
                // The kind says of this list that it is a map by type; any other is one field.
                foreach (var condition in list)
                {
                    Walk(condition, $"{path}[{condition.Text("type")}]");
                }
            }
            else
            {
                fields[path] = node?.DeepClone();
            }
        }
    }

    private static JsonObject Whole(Dictionary<string, JsonNode?> fields)
    {
        var root = new JsonObject();
        foreach (var (field, value) in fields)
        {
            var place = root;
            var names = field.TrimStart('.').Split('.');
            foreach (var name in names[..^1])
            {
                place = name.Split('[', ']') is [var list, var key, _] ? Item(place, list, key) : Child(place, name);
            }

            place[names[^1].Replace('~', '.')] = value?.DeepClone();
        }

        return root;
    }

    private static JsonObject Child(JsonObject place, string name)
    {
        name = name.Replace('~', '.');
        if (place[name] is not JsonObject child)
        {
            place[name] = child = [];
        }

        return child;
    }

    private static JsonObject Item(JsonObject place, string name, string key)
    {
        if (place[name] is not JsonArray list)
        {
            place[name] = list = [];
        }

        var item = list.OfType<JsonObject>().FirstOrDefault(item => item.Text("type") == key);
        if (item is null)
        {
            list.Add(item = new JsonObject { ["type"] = key });
        }

        return item;
    }
}
