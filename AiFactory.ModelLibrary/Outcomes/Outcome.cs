namespace AiFactory.ModelLibrary.Outcomes;

/// <summary>How a request to the library ended: with its value, or refused for a reason that the caller is told.</summary>
internal abstract record Outcome<T>
{
    private Outcome()
    {
    }

    internal sealed record Done(T Value) : Outcome<T>;

    /// <summary>Something of the request is not valid: field to complaints.</summary>
    internal sealed record Invalid(IDictionary<string, string[]> Errors) : Outcome<T>;

    internal sealed record Missing(string Kind, string Id) : Outcome<T>;

    /// <summary>The state of things does not allow it now.</summary>
    internal sealed record Conflict(string Detail) : Outcome<T>;

    /// <summary>A rule does not allow it to this caller.</summary>
    internal sealed record Forbidden(string Detail) : Outcome<T>;

    public static implicit operator Outcome<T>(T value) => new Done(value);

    internal static Outcome<T> Missed(string kind, object id) => new Missing(kind, id.ToString() ?? "");
}
