namespace AiFactory.Inference.Templates.Values;

/// <summary>A dict, in the order in which its keys were given; of two like ones the last value counts. A key is a text, a number, a truth value or None; 1, 1.0 and True are one key.</summary>
internal sealed class MapValue : TemplateValue
{
    private readonly Dictionary<object, int> _places = [];

    public MapValue(IEnumerable<KeyValuePair<TemplateValue, TemplateValue>> entries)
    {
        var list = new List<KeyValuePair<TemplateValue, TemplateValue>>();
        foreach (var entry in entries)
        {
            var identity = Identity(entry.Key) ?? throw new ArgumentException($"A {entry.Key.TypeName} is no key.", nameof(entries));
            if (_places.TryAdd(identity, list.Count))
            {
                list.Add(entry);
            }
            else
            {
                list[_places[identity]] = KeyValuePair.Create(list[_places[identity]].Key, entry.Value);
            }

            Depth = Math.Max(Depth, 1 + entry.Value.Depth);
        }

        Entries = list;
    }

    public IReadOnlyList<KeyValuePair<TemplateValue, TemplateValue>> Entries { get; }

    public override string TypeName => "dict";

    public override bool IsTruthy => Entries.Count > 0;

    public override int Depth { get; } = 1;

    public IEnumerable<TemplateValue> Keys => Entries.Select(entry => entry.Key);

    public static bool IsKey(TemplateValue value) => Identity(value) is not null;

    public bool Contains(string key) => _places.ContainsKey(key);

    public TemplateValue? Find(string key) => _places.TryGetValue(key, out var place) ? Entries[place].Value : null;

    public TemplateValue? Find(TemplateValue key) => Identity(key) is { } identity && _places.TryGetValue(identity, out var place) ? Entries[place].Value : null;

    private static object? Identity(TemplateValue key) => key switch
    {
        StringValue text => text.Text,
        IntegerValue whole => (double)whole.Value,
        FloatValue real => real.Value,
        BooleanValue truth => truth.Value ? 1d : 0d,
        NoneValue none => none,
        _ => null,
    };
}
