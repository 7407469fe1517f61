namespace AiFactory.ServiceDefaults.Objects;

/// <summary>What must hold at the moment of a put. Of several puts that race on one condition, one wins.</summary>
public abstract record PutCondition
{
    private PutCondition()
    {
    }

    /// <summary>The key must hold nothing.</summary>
    public static PutCondition IfAbsent { get; } = new Absent();

    /// <summary>The key must hold the object with this ETag.</summary>
    public static PutCondition IfMatch(string etag) => new Match(etag);

    public sealed record Absent : PutCondition;

    public sealed record Match(string ETag) : PutCondition;
}
