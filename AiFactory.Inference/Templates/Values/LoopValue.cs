namespace AiFactory.Inference.Templates.Values;

/// <summary>The variable <c>loop</c> inside of a for.</summary>
internal sealed class LoopValue(IReadOnlyList<TemplateValue> items) : TemplateValue
{
    /// <summary>Counted from 0.</summary>
    public int Index { get; set; }

    /// <summary>What <c>loop.changed</c> was given last.</summary>
    public TemplateValue? LastSeen { get; set; }

    public override string TypeName => "loop";

    public override bool IsTruthy => true;

    /// <summary>Null when a loop has no such attribute; <c>cycle</c> and <c>changed</c> are methods.</summary>
    public TemplateValue? Attribute(string name) => name switch
    {
        "index" => new IntegerValue(Index + 1),
        "index0" => new IntegerValue(Index),
        "revindex" => new IntegerValue(items.Count - Index),
        "revindex0" => new IntegerValue(items.Count - Index - 1),
        "first" => BooleanValue.Of(Index == 0),
        "last" => BooleanValue.Of(Index == items.Count - 1),
        "length" => new IntegerValue(items.Count),
        // They count recursive loops, which are not supported.
        "depth" => new IntegerValue(1),
        "depth0" => new IntegerValue(0),
        "previtem" => Index > 0 ? items[Index - 1] : new UndefinedValue("there is no previous item"),
        "nextitem" => Index + 1 < items.Count ? items[Index + 1] : new UndefinedValue("there is no next item"),
        _ => null,
    };
}
