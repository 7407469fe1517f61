namespace AiFactory.Inference.Templates.Values;

/// <summary>A dict whose keys are texts, in the order in which they were given; of two like ones the last counts.</summary>
internal sealed class MapValue : TemplateValue
{
    private readonly Dictionary<string, int> _places;

    public MapValue(IEnumerable<KeyValuePair<StringValue, TemplateValue>> entries)
    {
        var list = new List<KeyValuePair<StringValue, TemplateValue>>();
        _places = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var entry in entries)
        {
            if (_places.TryAdd(entry.Key.Text, list.Count))
            {
                list.Add(entry);
            }
            else
            {
                list[_places[entry.Key.Text]] = entry;
            }

            Depth = Math.Max(Depth, 1 + entry.Value.Depth);
        }

        Entries = list;
    }

    public IReadOnlyList<KeyValuePair<StringValue, TemplateValue>> Entries { get; }

    public override string TypeName => "dict";

    public override bool IsTruthy => Entries.Count > 0;

    public override int Depth { get; } = 1;

    public IEnumerable<StringValue> Keys => Entries.Select(entry => entry.Key);

    public bool Contains(string key) => _places.ContainsKey(key);

    public TemplateValue? Find(string key) => _places.TryGetValue(key, out var place) ? Entries[place].Value : null;
}
