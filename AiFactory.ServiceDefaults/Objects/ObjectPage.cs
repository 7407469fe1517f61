namespace AiFactory.ServiceDefaults.Objects;

/// <param name="Next">Goes into <c>after</c> for the next page; null on the last.</param>
public sealed record ObjectPage(IReadOnlyList<ObjectInfo> Objects, string? Next);
