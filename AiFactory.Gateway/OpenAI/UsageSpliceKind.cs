namespace AiFactory.Gateway.OpenAI;

/// <summary>What a request lacks to ask for its stream's usage.</summary>
internal enum UsageSpliceKind
{
    None,

    /// <summary>All of <c>stream_options</c>; the body has other members behind it.</summary>
    Options,

    /// <summary>Its value, which is null.</summary>
    Object,

    /// <summary>Its <c>include_usage</c>; it has other members.</summary>
    FirstMember,

    /// <summary>Its <c>include_usage</c>; it is empty.</summary>
    OnlyMember,

    /// <summary>The value of that, which is false or null.</summary>
    Value,
}
