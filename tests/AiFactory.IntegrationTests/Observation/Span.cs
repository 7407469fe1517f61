namespace AiFactory.IntegrationTests.Observation;

/// <summary>A span as the dashboard has it.</summary>
/// <param name="Service">The resource that made it, for example <c>worker</c>.</param>
internal sealed record Span(string Id, string? Parent, string Service, string Name, IReadOnlyDictionary<string, string> Attributes)
{
    /// <summary>Whether it lies below the other one, at any depth.</summary>
    public bool IsBelow(Span other, IReadOnlyList<Span> trace)
    {
        for (var above = this; above is not null; above = trace.FirstOrDefault(span => span.Id == above.Parent))
        {
            if (above.Parent == other.Id)
            {
                return true;
            }
        }

        return false;
    }
}
