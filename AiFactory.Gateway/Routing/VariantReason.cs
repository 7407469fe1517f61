namespace AiFactory.Gateway.Routing;

/// <summary>Why a traffic policy chose a deployment.</summary>
internal enum VariantReason
{
    /// <summary>There was nothing to choose.</summary>
    None,

    /// <summary>Its share.</summary>
    Share,

    /// <summary>Whose request it is stays with it.</summary>
    Sticky,

    /// <summary>It answers sooner than another.</summary>
    Latency,
}
